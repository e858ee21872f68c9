/**
 * What depends on a column: found from what the server knows (pg_depend, read into the catalog), so that a step which
 * moves or drops a column can name every object it must carry along, or refuse by name. CASCADE would drop policies,
 * views and foreign keys of other tables without a word.
 *
 * What counts is what Postgres counts, measured on 14–18: `count(*)` over a table or a whole row of it is a use of no
 * column in particular, and a column is dropped from under it. The bodies of functions are texts to Postgres and to us,
 * but for `BEGIN ATOMIC`.
 */
import { constraintUses, indexUses } from './edit.ts';
import { expressionUses } from './expression-columns.ts';
import { columnOf, foreignKeysTo, sameName, tableNamed } from './lookup.ts';
import type { Catalog, ColumnUse, QualifiedName, Table, Trigger } from './model.ts';
import { parseStatements } from '../sql/parse.ts';
import { columnReferences } from '../sql/walk.ts';

export type DependentKind =
  | 'index'
  | 'constraint'
  | 'exclusion constraint'
  | 'statistics'
  | 'sequence'
  | 'foreign key of another table'
  | 'generated column'
  | 'trigger'
  | 'policy'
  | 'rule'
  | 'view'
  | 'materialized view'
  | 'function'
  | 'publication'
  | 'inheriting table'
  | 'partition key';

export type Dependent = {
  readonly kind: DependentKind;
  readonly name: string;
  /** The table, view … that it belongs to, when that is not the column's own table. */
  readonly on: QualifiedName | null;
};

/**
 * The kinds that DROP COLUMN takes along without being asked; for every other kind Postgres refuses without CASCADE.
 * Postgres 14 takes generated columns too, with their data: they are not listed, so that nobody loses them unawares.
 */
export const goesWithColumn: ReadonlySet<DependentKind> = new Set<DependentKind>([
  'index',
  'constraint',
  'statistics',
  'sequence',
]);

export function dependentsOfColumn(catalog: Catalog, name: QualifiedName, column: string): readonly Dependent[] {
  const table = tableNamed(catalog, name);
  if (table === null || columnOf(table, column) === null) return [];
  const uses = (list: readonly ColumnUse[]): boolean =>
    list.some((use) => use.column === column && sameName(use.table, name));
  return [
    ...inOwnTable(table, column, uses),
    ...inOtherTables(catalog, table, column, uses),
    ...elsewhere(catalog, table, column, uses),
  ];
}

type Uses = (list: readonly ColumnUse[]) => boolean;

function inOwnTable(table: Table, column: string, uses: Uses): readonly Dependent[] {
  const own = (kind: DependentKind, names: readonly { readonly name: string }[]): readonly Dependent[] =>
    names.map(({ name }) => ({ kind, name, on: null }));
  const { partitionKey } = table;
  return [
    // The index of a constraint belongs to the constraint.
    ...own(
      'index',
      table.indexes.filter((index) => index.constraint === null && indexUses(index, column, table.name)),
    ),
    ...own(
      'constraint',
      table.constraints.filter((constraint) => constraintUses(table, constraint, column)),
    ),
    // Expressions and the WHERE of an exclusion: only its index has them, and the column cannot go without CASCADE.
    ...own(
      'exclusion constraint',
      table.constraints.filter(
        (constraint) =>
          !constraintUses(table, constraint, column) &&
          table.indexes.some((index) => index.constraint === constraint.name && indexUses(index, column, table.name)),
      ),
    ),
    ...own(
      'statistics',
      table.statistics.filter((statistics) => statistics.columns.includes(column)),
    ),
    ...own(
      'generated column',
      table.columns.filter(
        (other) => other.name !== column && expressionUses(other.generated?.expression ?? null, column, table.name),
      ),
    ),
    ...own(
      'trigger',
      table.triggers.filter((trigger) => triggerUses(trigger, column)),
    ),
    ...own(
      'policy',
      table.policies.filter((policy) => policy.columns.includes(column)),
    ),
    ...own(
      'rule',
      table.rules.filter((rule) => uses(rule.uses)),
    ),
    ...(partitionKey !== null && table.partitionKeyColumns.includes(column)
      ? own('partition key', [{ name: partitionKey }])
      : []),
  ];
}

function inOtherTables(catalog: Catalog, table: Table, column: string, uses: Uses): readonly Dependent[] {
  const keys = foreignKeysTo(catalog, table)
    .filter((key) => !sameName(key.table, table) && key.constraint.references?.columns.includes(column) === true)
    .map((key) => at('foreign key of another table', key.constraint.name, key.table));
  const others = [...catalog.tables.values()].filter((other) => !sameName(other, table));
  return [
    ...keys,
    ...others.flatMap((other) => [
      ...other.policies.filter((policy) => uses(policy.uses)).map(({ name }) => at('policy', name, other)),
      ...other.rules.filter((rule) => uses(rule.uses)).map(({ name }) => at('rule', name, other)),
    ]),
  ];
}

function elsewhere(catalog: Catalog, table: Table, column: string, uses: Uses): readonly Dependent[] {
  const views = [...catalog.views.values()];
  return [
    ...[...catalog.sequences.values()]
      .filter(({ ownedBy }) => ownedBy !== null && ownedBy.column === column && sameName(ownedBy.table, table))
      .map(({ name }): Dependent => ({ kind: 'sequence', name, on: null })),
    ...views
      .filter((view) => uses(view.uses))
      .map((view) => at(view.kind === 'view' ? 'view' : 'materialized view', view.name, view)),
    ...views.flatMap((view) => view.rules.filter((rule) => uses(rule.uses)).map(({ name }) => at('rule', name, view))),
    ...[...catalog.functions.values()].filter((f) => uses(f.uses)).map((f) => at('function', f.name, f)),
    ...[...catalog.publications.values()]
      .filter((publication) =>
        publication.tables?.some(
          (published) =>
            sameName(published, table) &&
            (published.columns?.includes(column) === true || expressionUses(published.where, column, table.name)),
        ),
      )
      .map(({ name }): Dependent => ({ kind: 'publication', name, on: null })),
  ];
}

function at(kind: DependentKind, name: string, { schema, name: onName }: QualifiedName): Dependent {
  return { kind, name, on: { schema, name: onName } };
}

/** Named in UPDATE OF or in the condition. */
function triggerUses(trigger: Trigger, column: string): boolean {
  if (trigger.updateOf.includes(column)) return true;
  const node = parseStatements(trigger.definition)[0]?.node;
  if (node === undefined || !('CreateTrigStmt' in node) || node.CreateTrigStmt.whenClause === undefined) return false;
  return columnReferences(node.CreateTrigStmt.whenClause).some((reference) => reference.column === column);
}

/** For instance `view report`, `foreign key orders_user_fkey of orders`. */
export function describeDependent({ kind, name, on }: Dependent): string {
  if (kind === 'foreign key of another table' && on !== null) return `foreign key ${name} of ${on.name}`;
  if ((kind === 'policy' || kind === 'rule') && on !== null) return `${kind} ${name} of ${on.name}`;
  return `${kind} ${name}`;
}
