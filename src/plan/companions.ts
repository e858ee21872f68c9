/**
 * Changes of one migration that must be planned together, wherever they stand in the file: a key and the columns that
 * refer to it; columns that take the place of others. The first of them is planned with the others as its companions,
 * which then need no steps of their own.
 *
 * A companion moves up to the place of the first one. So it stays where it is when anything in between is about the same:
 * the file's order is kept wherever it could matter.
 */
import type { Catalog } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import { joins, touchesOf } from '../operations/index.ts';
import type { Companion, PlanContext, Touches } from '../operations/operation.ts';
import { conflict, touchRelation } from '../operations/touch.ts';
import { tablesOf } from './tables-of.ts';

/** Those of `later` that belong to the plan of `first`, in the order of the file. */
export function companionsOf(
  first: Change,
  later: readonly Companion[],
  context: PlanContext,
  mayMove: (companion: Companion) => boolean,
): readonly Companion[] {
  const stays = new Set<Companion>();
  for (;;) {
    const joined = joinedTo(
      { change: first, directives: context.directives },
      later,
      context,
      (companion) => !stays.has(companion) && mayMove(companion),
    );
    const together = [first, ...joined.map(({ change }) => change)];
    const stuck = joined.find((companion) => !isFree(companion, later, together, context.catalog));
    if (stuck === undefined) return joined;
    stays.add(stuck);
  }
}

/** All that joins the first one or one that does, in the order of the file. */
function joinedTo(
  first: Companion,
  later: readonly Companion[],
  context: PlanContext,
  isCandidate: (companion: Companion) => boolean,
): readonly Companion[] {
  const found = new Set([first]);
  for (;;) {
    const next = later.find(
      (companion) =>
        !found.has(companion) &&
        [...found].some(({ change, directives }) =>
          joins(change, companion, { ...context, directives, companions: [...found] }),
        ) &&
        isCandidate(companion),
    );
    if (next === undefined) return later.filter((companion) => found.has(companion));
    found.add(next);
  }
}

function isFree(
  companion: Companion,
  later: readonly Companion[],
  together: readonly Change[],
  catalog: Catalog,
): boolean {
  const touched = movedTouches(companion, together, catalog);
  return later
    .slice(0, later.indexOf(companion))
    .every(
      ({ change, directives }) =>
        together.includes(change) || !conflict(touchesOf(change, catalog, directives), touched),
    );
}

/** A swap of columns is about whole tables; a column that is added or dropped about itself. */
function movedTouches({ change, directives }: Companion, together: readonly Change[], catalog: Catalog): Touches {
  if (change.kind === 'add_column' || change.kind === 'drop_column') return touchesOf(change, catalog, directives);
  return {
    reads: [],
    writes: together.flatMap((each) => tablesOf(each, catalog).map((name) => touchRelation(catalog, name))),
  };
}
