/**
 * Where the first pass over a window has cut it into stretches, for the later ones: to find the end of a stretch means to
 * read the index once more. In memory only; a worker that goes on in a later pass looks for the ends itself. Pure.
 */
import type { Stretch } from './stretches.ts';

type Key = readonly string[];
type Cut = Pick<Stretch, 'cursor' | 'units' | 'isLast'>;

export type Cuts = {
  /** A stretch that began after `after` (null: at the table's start). */
  note(after: Key | null, cut: Cut): void;
  /** As much as is known of the next `units` units; null when nothing is, or the next cut is further away. */
  next(after: Key | null, units: number): Cut | null;
  clear(): void;
};

export function makeCuts(): Cuts {
  const known = new Map<string, Cut>();
  return {
    note(after, { cursor, units, isLast }) {
      // Of one row it would have to be certain that it still is one: whoever looks for a row that fails relies on it.
      if (units > 1) known.set(JSON.stringify(after), { cursor, units, isLast });
    },
    next(after, units) {
      let found: Cut | null = null;
      for (let from: Key | null = after; found?.isLast !== true;) {
        const cut: Cut | undefined = known.get(JSON.stringify(from));
        const together: number = (found?.units ?? 0) + (cut?.units ?? 0);
        if (cut === undefined || together > units) return found;
        found = { ...cut, units: together };
        from = cut.cursor;
      }
      return found;
    },
    clear: () => known.clear(),
  };
}
