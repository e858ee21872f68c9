/**
 * Changes of one migration that must happen in one transaction, wherever they stand in the file: a key and the columns
 * that refer to it. The first of them is planned with the others as its companions, which then need no steps of their own.
 *
 * A companion moves up to the place of the first one. So it stays where it is when anything in between is about one of
 * the tables: the file's order is kept wherever it could matter.
 */
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
  const found: Companion[] = [];
  const inFileOrder = () => later.filter((companion) => found.includes(companion));
  for (;;) {
    const changes = [first, ...inFileOrder().map(({ change }) => change)];
    const next = later.find(
      (companion) =>
        !found.includes(companion) &&
        changes.some((change) => joins(change, companion, context)) &&
        mayMove(companion) &&
        isFree(companion, [...changes, companion.change]),
    );
    if (next === undefined) return inFileOrder();
    found.push(next);
  }

  function isFree(companion: Companion, together: readonly Change[]): boolean {
    const { catalog } = context;
    const tables: Touches = {
      reads: [],
      writes: together.flatMap((change) => tablesOf(change, catalog).map((name) => touchRelation(catalog, name))),
    };
    return later
      .slice(0, later.indexOf(companion))
      .every(
        ({ change, directives }) =>
          together.includes(change) || !conflict(touchesOf(change, catalog, directives), tables),
      );
  }
}
