import { IsIn, IsString, Matches } from 'class-validator';
import { type JobState, jobStates } from '../../jobs/job.js';
import { IfGiven } from '../lists/if-given.js';
import { PageQuery } from '../lists/list-query.js';

const kind = /^[a-z]+(?:\.[a-z]+)*$/;
const notKind = { message: 'kind must be a name such as blobs.scrub' };

/** Every part narrows. */
export class JobsQuery extends PageQuery {
  @IfGiven()
  @Matches(kind, notKind)
  readonly kind?: string;

  @IfGiven()
  @IsIn(jobStates)
  readonly state?: JobState;
}

export class RunBody {
  @Matches(kind, notKind)
  @IsString()
  readonly kind!: string;
}

export class EventsQuery {
  /** The number of the last line that is known already. */
  @IfGiven()
  @Matches(/^\d{1,9}$/, { message: 'behind must be the number of a line' })
  readonly behind?: string;
}
