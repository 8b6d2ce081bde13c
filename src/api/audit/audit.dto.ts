import { IsIn, Matches } from 'class-validator';
import { type AuditAction, type AuditResult, auditActionNames, auditResults } from '../../audit/actions.js';
import { IfGiven } from '../lists/if-given.js';
import { PageQuery } from '../lists/list-query.js';
import { IsTime } from '../lists/time.js';

const kindAndName = /^[^\p{Cc}]{1,280}$/u;

/** Every part narrows; the exports take the same without `limit` and `cursor`, which they ignore. */
export class AuditQuery extends PageQuery {
  @IfGiven()
  @IsIn(auditActionNames)
  readonly action?: AuditAction;

  /** `user:ada`, `robot:team+ci`, `anonymous`, `system`; a bare name is that of a user or a robot. */
  @IfGiven()
  @Matches(kindAndName)
  readonly actor?: string;

  /** `repository:team/app`, `user:ada`, …; without a kind, a repository. */
  @IfGiven()
  @Matches(kindAndName)
  readonly resource?: string;

  @IfGiven()
  @IsIn(auditResults)
  readonly result?: AuditResult;

  @IfGiven()
  @Matches(/^(?:[0-9A-Fa-f:.]{2,45}(?:\/64)?|\*)$/, { message: 'address must be an IP address' })
  readonly address?: string;

  /** Inclusive. */
  @IfGiven()
  @IsTime()
  readonly from?: string;

  /** Exclusive. */
  @IfGiven()
  @IsTime()
  readonly to?: string;

  @IfGiven()
  @IsIn(['-at', 'at'])
  readonly sort?: '-at' | 'at';
}
