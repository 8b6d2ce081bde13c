import type { EntityManager } from 'typeorm';
import type { Pattern } from '../access/pattern.js';
import { type Principal, userIdOf } from '../access/principal.js';
import type { SubjectType } from '../access/subject.js';
import { Failure } from '../errors/failure.js';
import { areBelow, hasGiven, hasGrants } from './grants.store.js';

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
  if (await hasGrants(tx, subject, most))
    throw tooMany(`the ${subject.type} has ${most} grants already: grant a prefix such as team/*, or to a group`);
  const person = giver && userIdOf(giver);
  if (typeof person === 'number' && (await hasGiven(tx, person, byPerson)))
    throw tooMany(`you have given ${byPerson} grants already: revoke some, or grant prefixes or to groups`);
  if (giver?.kind !== 'robot') return;
  const [root = ''] = pattern.split('/', 1);
  if (await areBelow(tx, root, belowRootForRobots))
    throw tooMany(`there are ${belowRootForRobots} grants below ${root}/ already`);
}

function tooMany(message: string): Failure {
  return new Failure('CONFLICT', { message });
}
