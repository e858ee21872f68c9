/**
 * A view or a policy that Postgres does not let a column's type change under is dropped above the change and made again
 * below it. Where the change is prepared in a hidden column, only the moment in which that one takes the other's place
 * needs them gone: so they go right before it, in its transaction, and are not missing while rows are converted.
 *
 * A trigger is not kept for so long: it would fire for the conversion. Nothing is moved past a statement that may depend
 * on the order, which is anything but the change's own preparation and the drop of a trigger.
 */
import { resolveName, resolveView, sameName } from '../catalog/lookup.ts';
import type { Catalog, QualifiedName } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import type { SettledDraft } from './annotate.ts';
import { tablesOf } from './tables-of.ts';

/** What a change has to do with the moment in which a column takes another one's place. */
export type Way =
  /** It may wait for that moment, of one of these tables. */
  | { readonly kind: 'makes way'; readonly tables: readonly QualifiedName[] }
  /** It has such a moment. */
  | { readonly kind: 'needs way'; readonly tables: readonly QualifiedName[] }
  /** It may be done before what makes way, or after it. */
  | { readonly kind: 'is indifferent' };

export type Placed = { readonly settled: SettledDraft; readonly way: Way | null };

export function wayOf(change: Change, catalog: Catalog): Way | null {
  if (change.kind === 'alter_column_type') return { kind: 'needs way', tables: tablesOf(change, catalog) };
  if (change.kind !== 'drop_object' || change.cascade) return null;
  if (change.objectType === 'trigger') return { kind: 'is indifferent' };
  if (change.objectType === 'policy' && change.table !== null)
    return { kind: 'makes way', tables: [resolveName(catalog, change.table)] };
  if (change.objectType !== 'view') return null;
  const tables = change.names.flatMap((name) => resolveView(catalog, name)?.uses.map(({ table }) => table) ?? []);
  return { kind: 'makes way', tables };
}

/** The steps of contract, with what makes way right before the step that needs it. */
export function withWayMade(placed: readonly Placed[]): readonly Placed[] {
  return placed.reduceRight<readonly Placed[]>((later, item) => {
    const target = targetOf(item, later);
    if (target === -1) return [item, ...later];
    const { settled } = item;
    const draft = { ...settled.draft, swaps: true as const };
    const moved = { ...item, settled: { ...settled, draft, completesPrevious: false } };
    const next = joinedTo(later[target]);
    return [...later.slice(0, target), moved, ...next, ...later.slice(target + 1)];
  }, []);
}

/** The place of the step before which the item is to go; -1 where it stays. */
function targetOf({ way }: Placed, later: readonly Placed[]): number {
  if (way?.kind !== 'makes way') return -1;
  for (const [index, each] of later.entries()) {
    // Whatever made way before stands there already, in the order of the file.
    const makesWay = each.way?.kind === 'makes way';
    const isMoment = each.settled.draft.swaps === true;
    const isItsOwn =
      each.way?.kind === 'needs way' && each.way.tables.some((table) => way.tables.some((own) => sameName(own, table)));
    if (isItsOwn && isMoment) return firstBefore(later, index);
    if (!isItsOwn && !makesWay && each.way?.kind !== 'is indifferent') return -1;
  }
  return -1;
}

function firstBefore(later: readonly Placed[], moment: number): number {
  let first = moment;
  while (first > 0 && later[first - 1]?.way?.kind === 'makes way') first -= 1;
  return first;
}

function joinedTo(next: Placed | undefined): readonly Placed[] {
  return next === undefined ? [] : [{ ...next, settled: { ...next.settled, completesPrevious: true } }];
}
