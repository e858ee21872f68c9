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
    const moments = momentsFor(item, later);
    if (moments.length === 0) return [item, ...later];
    const { settled } = item;
    const draft = { ...settled.draft, swaps: 'makes way' as const };
    const moved = { ...item, settled: { ...settled, draft, completesPrevious: false } };
    return withOneMoment(moved, moments, later);
  }, []);
}

/**
 * The steps before which the item is to go; none where it stays. What uses several tables is not missing between the
 * moments of one and of another: these become one.
 */
function momentsFor({ way }: Placed, later: readonly Placed[]): readonly number[] {
  const moments: number[] = [];
  if (way?.kind !== 'makes way') return moments;
  let tables = way.tables;
  for (const [index, { way: other, settled }] of later.entries()) {
    // Whatever made way before stands there already, in the order of the file.
    if (other?.kind === 'makes way' || other?.kind === 'is indifferent') continue;
    if (other?.kind !== 'needs way' || !meet(other.tables, tables)) return moments;
    if (settled.draft.swaps !== 'columns') continue;
    moments.push(index);
    // The same table's next change builds on this one.
    tables = tables.filter((table) => !meet([table], other.tables));
  }
  return moments;
}

function meet(some: readonly QualifiedName[], others: readonly QualifiedName[]): boolean {
  return some.some((one) => others.some((other) => sameName(one, other)));
}

/** All these moments, with what made way for each, where the last of them is. */
function withOneMoment(item: Placed, moments: readonly number[], later: readonly Placed[]): readonly Placed[] {
  const isPart = new Set(moments.flatMap((moment) => range(firstBefore(later, moment), moment)));
  const last = moments.at(-1) ?? 0;
  return [
    ...later.filter((_, at) => at <= last && !isPart.has(at)),
    item,
    ...later.filter((_, at) => isPart.has(at)).map(completing),
    ...later.slice(last + 1),
  ];
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function firstBefore(later: readonly Placed[], moment: number): number {
  let first = moment;
  while (first > 0 && later[first - 1]?.way?.kind === 'makes way') first -= 1;
  return first;
}

function completing(each: Placed): Placed {
  return { ...each, settled: { ...each.settled, completesPrevious: true } };
}
