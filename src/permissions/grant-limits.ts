import type { EntityManager } from 'typeorm';
import type { Pattern } from '../access/pattern.js';
import { type Principal, userIdOf } from '../access/principal.js';
import type { SubjectType } from '../access/subject.js';
import { Failure } from '../errors/failure.js';

/** Most grants of one subject; the second half is for administrators to give, so that nobody else uses all of them up. */
const ofSubject = 10_000;
const ofSubjectByOthers = ofSubject / 2;
/** Most grants that one person who is no administrator has given and that are there. */
const byPerson = 10_000;
/** From how many grants below the first part of a name robots, which are made as easily as grants, give no more. */
const belowRootForRobots = 20_000;

interface Wanted {
  readonly subject: { readonly type: SubjectType; readonly id: number };
  readonly pattern: Pattern;
  /** Who gives it; undefined for an administrator. */
  readonly giver: Principal | undefined;
}

/** Refuses, in the transaction that makes a grant, with CONFLICT what is more than anybody needs: what one piles up, others pay for. */
export async function assertRoomForGrant(tx: EntityManager, { subject, pattern, giver }: Wanted): Promise<void> {
  const most = giver === undefined ? ofSubject : ofSubjectByOthers;
  if (await areThere(tx, most, `${subject.type}_id = ?`, subject.id))
    throw tooMany(`the ${subject.type} has ${most} grants already: grant a prefix such as team/*, or to a group`);
  const person = giver && userIdOf(giver);
  if (typeof person === 'number' && (await areThere(tx, byPerson, 'created_by = ?', person)))
    throw tooMany(`you have given ${byPerson} grants already: revoke some, or grant prefixes or to groups`);
  if (giver?.kind !== 'robot') return;
  const [root = ''] = pattern.split('/', 1);
  if (await areThere(tx, belowRootForRobots, 'pattern >= ? AND pattern < ?', `${root}/`, `${root}0`))
    throw tooMany(`there are ${belowRootForRobots} grants below ${root}/ already`);
}

/** Whether so many rows meet the condition, looking at no more than those. */
async function areThere(
  tx: EntityManager,
  many: number,
  condition: string,
  ...values: (string | number)[]
): Promise<boolean> {
  const sql = `SELECT 1 FROM grants WHERE ${condition} LIMIT 1 OFFSET ?`;
  return (await tx.query<unknown[]>(sql, [...values, many - 1])).length > 0;
}

function tooMany(message: string): Failure {
  return new Failure('CONFLICT', { message });
}
