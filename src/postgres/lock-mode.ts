/**
 * The eight table lock modes, which of them exclude each other, and what that means to people.
 *
 * Source: https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES (table 13.2), unchanged since
 * Postgres 8; src/backend/storage/lmgr/lock.c `LockConflicts`. The test takes each pair on a real server.
 */

import { MigrateError } from '../errors.ts';

/** From weakest to strongest. "Stronger" is the server's own order; it is not a subset relation of what they exclude. */
export const lockModes = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;

export type LockMode = (typeof lockModes)[number];

/** What each mode waits for, and is waited for by: the matrix is symmetric. */
const conflictMatrix: { readonly [M in LockMode]: readonly LockMode[] } = {
  'ACCESS SHARE': ['ACCESS EXCLUSIVE'],
  'ROW SHARE': ['EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'ROW EXCLUSIVE': ['SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'SHARE UPDATE EXCLUSIVE': ['SHARE UPDATE EXCLUSIVE', 'SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  SHARE: ['ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'SHARE ROW EXCLUSIVE': [
    'ROW EXCLUSIVE',
    'SHARE UPDATE EXCLUSIVE',
    'SHARE',
    'SHARE ROW EXCLUSIVE',
    'EXCLUSIVE',
    'ACCESS EXCLUSIVE',
  ],
  EXCLUSIVE: [
    'ROW SHARE',
    'ROW EXCLUSIVE',
    'SHARE UPDATE EXCLUSIVE',
    'SHARE',
    'SHARE ROW EXCLUSIVE',
    'EXCLUSIVE',
    'ACCESS EXCLUSIVE',
  ],
  'ACCESS EXCLUSIVE': lockModes,
};

/** Whether one session must wait while another holds the other mode on the same table. */
export function conflicts(a: LockMode, b: LockMode): boolean {
  return conflictMatrix[a].includes(b);
}

/** The last of the given modes in the server's order; `null` for none. */
export function strongest(modes: Iterable<LockMode>): LockMode | null {
  let best: LockMode | null = null;
  for (const mode of modes) {
    if (best === null || lockModes.indexOf(mode) > lockModes.indexOf(best)) best = mode;
  }
  return best;
}

/** Whether a plain SELECT waits. */
export function blocksReads(mode: LockMode): boolean {
  return conflicts(mode, 'ACCESS SHARE');
}

/** Whether INSERT, UPDATE, DELETE and MERGE wait. */
export function blocksWrites(mode: LockMode): boolean {
  return conflicts(mode, 'ROW EXCLUSIVE');
}

/** Whether SELECT … FOR UPDATE / SHARE, and the check that a foreign key makes on the referenced table, wait. */
export function blocksRowLocks(mode: LockMode): boolean {
  return conflicts(mode, 'ROW SHARE');
}

/** Who notices, as a part of a sentence. */
export function whoWaits(mode: LockMode): string {
  if (blocksReads(mode)) return 'all reads and writes wait';
  if (blocksRowLocks(mode)) return 'writes and SELECT … FOR UPDATE wait, plain reads go on';
  if (blocksWrites(mode)) return 'writes wait, reads go on';
  return 'nobody who reads or writes waits';
}

/** The mode from `pg_locks.mode`'s spelling: `AccessExclusiveLock`. */
export function lockModeFromPgLocks(spelling: string): LockMode {
  const mode = lockModes.find((candidate) => pgLocksSpelling(candidate) === spelling);
  if (mode === undefined) throw new MigrateError('INTERNAL', `"${spelling}" is not a table lock mode of pg_locks.`);
  return mode;
}

/** The spelling of `pg_locks.mode` and of the server's log: `AccessExclusiveLock`. */
export function pgLocksSpelling(mode: LockMode): string {
  return `${mode
    .split(' ')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('')}Lock`;
}
