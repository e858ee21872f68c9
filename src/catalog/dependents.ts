/**
 * What depends on a column: found from what the server knows (pg_depend, read into the catalog), so that a step which
 * moves or drops a column can name every object it must carry along, or refuse by name. CASCADE would drop policies,
 * views and foreign keys of other tables without a word.
 */
import { indexUses } from './edit.ts';
import { expressionUses } from './expression-columns.ts';
import { columnOf, foreignKeysTo, sameName, tableNamed } from './lookup.ts';
import type { Catalog, ColumnUse, QualifiedName } from './model.ts';

export type DependentKind =
  | 'index'
  | 'constraint'
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
  | 'partition key';

export type Dependent = {
  readonly kind: DependentKind;
  readonly name: string;
  /** The table, view … that it belongs to, when that is not the column's own table. */
  readonly on: QualifiedName | null;
};

export function dependentsOfColumn(catalog: Catalog, name: QualifiedName, column: string): readonly Dependent[] {
  const table = tableNamed(catalog, name);
  if (table === null || columnOf(table, column) === null) return [];
  const own = (kind: DependentKind, names: readonly { readonly name: string }[]): readonly Dependent[] =>
    names.map((dependent) => ({ kind, name: dependent.name, on: null }));
  const uses = (list: readonly ColumnUse[]) =>
    list.some((use) => sameName(use.table, name) && (use.column === null || use.column === column));
  return [
    ...own(
      'index',
      table.indexes.filter((index) => index.constraint === null && indexUses(index, column, table.name)),
    ),
    ...own(
      'constraint',
      table.constraints.filter(
        (constraint) =>
          constraint.columns.includes(column) || expressionUses(constraint.expression, column, table.name),
      ),
    ),
    ...own(
      'statistics',
      table.statistics.filter((statistics) => statistics.columns.includes(column)),
    ),
    ...own(
      'sequence',
      [...catalog.sequences.values()].filter(
        ({ ownedBy }) => ownedBy !== null && ownedBy.column === column && sameName(ownedBy.table, name),
      ),
    ),
    ...foreignKeysTo(catalog, table)
      .filter((key) => !sameName(key.table, name) && (key.constraint.references?.columns.includes(column) ?? false))
      .map((key): Dependent => ({
        kind: 'foreign key of another table',
        name: key.constraint.name,
        on: { schema: key.table.schema, name: key.table.name },
      })),
    ...own(
      'generated column',
      table.columns.filter(
        (other) => other.name !== column && expressionUses(other.generated?.expression ?? null, column, table.name),
      ),
    ),
    ...own(
      'trigger',
      table.triggers.filter((trigger) => trigger.updateOf.includes(column)),
    ),
    ...own(
      'policy',
      table.policies.filter((policy) => policy.columns.includes(column)),
    ),
    ...own(
      'rule',
      table.rules.filter((rule) => uses(rule.uses)),
    ),
    ...(table.partitionKeyColumns.includes(column)
      ? [{ kind: 'partition key' as const, name: table.partitionKey ?? '', on: null }]
      : []),
    ...[...catalog.views.values()]
      .filter((view) => uses(view.uses))
      .map((view): Dependent => ({
        kind: view.kind === 'view' ? 'view' : 'materialized view',
        name: view.name,
        on: { schema: view.schema, name: view.name },
      })),
    ...[...catalog.functions.values()]
      .filter((candidate) => uses(candidate.uses))
      .map((candidate): Dependent => ({
        kind: 'function',
        name: candidate.name,
        on: { schema: candidate.schema, name: candidate.name },
      })),
    ...[...catalog.publications.values()]
      .filter(
        (publication) =>
          publication.tables?.some(
            (published) => sameName(published, name) && (published.columns?.includes(column) ?? false),
          ) ?? false,
      )
      .map((publication): Dependent => ({ kind: 'publication', name: publication.name, on: null })),
  ];
}

/** For instance `view report`, `foreign key of another table orders_user_fkey (orders)`. */
export function describeDependent({ kind, name, on }: Dependent): string {
  if (kind === 'foreign key of another table' && on !== null) return `foreign key ${name} of ${on.name}`;
  return `${kind} ${name}`;
}
