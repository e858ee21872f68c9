/** Looks ahead in a transaction for the next lock that others wait for, on the schema as it will be by then. */
import type { Change } from '../operations/change.ts';
import { assumeTables } from './assumed-table.ts';
import type { HeldLock } from './held-locks.ts';
import { advance, type Progress } from './progress.ts';

type Place = {
  readonly all: readonly Change[];
  readonly at: number;
  /** Behind the last change of the transaction. */
  readonly to: number;
};

export type NextLock = (progress: Progress, place: Place) => HeldLock | null;

/** One for each file: what was found once holds for all changes up to that lock. */
export function lookAhead(): NextLock {
  const known = new Map<
    readonly Change[],
    { readonly from: number; readonly until: number; readonly lock: HeldLock | null }
  >();
  return (progress, { all, at, to }) => {
    const before = known.get(all);
    if (before !== undefined && before.from <= at && at < before.until) return before.lock;
    const { lock, until } = nextLock(progress, { all, at, to });
    known.set(all, { from: at, until, lock });
    return lock;
  };
}

function nextLock(
  progress: Progress,
  { all, at, to }: Place,
): { readonly lock: HeldLock | null; readonly until: number } {
  const had = new Set(progress.held.map(({ by }) => by));
  let ahead = progress;
  for (const [offset, change] of all.slice(at, to).entries()) {
    try {
      ahead = advance({ ...ahead, ...assumeTables(ahead, change) }, change);
    } catch {
      continue; // a statement on which we fail is told where it stands
    }
    const taken = ahead.held.filter(({ by }) => !had.has(by));
    if (offset === 0) for (const { by } of taken) had.add(by);
    else if (taken[0] !== undefined) return { lock: taken[0], until: at + offset };
  }
  return { lock: null, until: to };
}
