/** What stands in the way of columns that take the place of others, each with the reason and the way out. */
import { dependentsOfColumn, describeDependent, goesWithColumn } from '../../catalog/dependents.ts';
import { childrenOf } from '../../catalog/lookup.ts';
import type { Catalog, Column, Table } from '../../catalog/model.ts';
import { MigrateError } from '../../errors.ts';
import { identifier } from '../../sql/template.ts';
import { parseExpression } from '../../sql/parse.ts';
import { columnReferences, visit } from '../../sql/walk.ts';
import type { ColumnSpec } from '../change.ts';
import { forbidsNull, isConstrainedDomain } from './domain-base.ts';
import type { Exchange, ExchangedColumn } from './exchange-sync.ts';
import { expressionVolatility } from './expression-volatility.ts';
import { hasVolatileDefault } from './rename-limits.ts';
import { rowChangingTriggers } from './sync-trigger.ts';

/** Throws CANNOT_PLAN. */
export function refuseExchange(exchange: Exchange): void {
  const { catalog, table } = exchange;
  const reason =
    tableProblem(table, catalog) ??
    exchange.old.map(({ name }) => oldColumnProblem(table, name, catalog)).find((problem) => problem !== null) ??
    expressionsProblem(exchange, exchange.new, exchange.old, 'using') ??
    expressionsProblem(exchange, exchange.old, exchange.new, 'reverse') ??
    triggerProblem(exchange);
  if (reason === null || reason === undefined) return;
  throw cannotExchange(table, exchange.new, exchange.old, reason);
}

/** For what is wrong with a new column as it is written. */
export function newColumnProblem(column: ColumnSpec, catalog: Catalog): string | null {
  if (column.serial !== null || column.identity !== null) return `${column.name} numbers its rows itself`;
  if (column.generated !== null) return `${column.name} is a generated column, which nobody writes`;
  if (isConstrainedDomain(catalog, column.type))
    return `the type of ${column.name} is checked, for which Postgres would write every row anew`;
  if (column.default !== null && expressionVolatility(parseExpression(column.default), catalog) !== 'not volatile')
    return `the default of ${column.name} gives another value each time, so it cannot be told whether a row was given one`;
  return null;
}

type Named = readonly { readonly name: string }[];

export function cannotExchange(table: Table, added: Named, dropped: Named, reason: string): MigrateError {
  const list = (columns: Named) => columns.map(({ name }) => name).join(', ');
  return new MigrateError(
    'CANNOT_PLAN',
    `${list(added)} cannot take the place of ${list(dropped)} in ${table.name} while both versions run, because ${reason}.`,
    {
      hint: 'Change that first, in a migration of its own, or phase the file by hand (-- migrate:expand …) with triggers that you write.',
      details: { table: table.name },
    },
  );
}

function tableProblem(table: Table, catalog: Catalog): string | null {
  if (table.kind === 'foreign') return `${table.name} is a foreign table, whose rows are not ours to fill`;
  if (childrenOf(catalog, table).some((child) => child.partitionOf === null))
    return `other tables inherit from ${table.name}, and triggers are not inherited`;
  return null;
}

function oldColumnProblem(table: Table, name: string, catalog: Catalog): string | null {
  const column = table.columns.find((own) => own.name === name);
  if (column === undefined) return `there is no column ${name}`;
  if (column.generated !== null) return `${name} is a generated column, which nobody writes`;
  if (hasVolatileDefault(column, catalog))
    return `the default of ${name} gives another value each time, so it cannot be told whether a row was given one`;
  if (forbidsNull(catalog, column.type) !== null && column.default === null)
    return `the type of ${name} allows no NULL, and that is checked before a trigger could give it the value`;
  if (table.partitionKeyColumns.includes(name))
    return `the rows of ${table.name} are partitioned by ${name}: a row is put into its partition before a trigger could give it the value`;
  if (keyColumns(table).has(name)) return `${name} is a part of the primary key, by which rows are found`;
  const blocking = dependentsOfColumn(catalog, table, name).filter(({ kind }) => !goesWithColumn.has(kind));
  return blocking.length === 0
    ? null
    : `${name} is used by ${blocking.map(describeDependent).join(', ')}, which must go first, above these statements`;
}

/** An expression sees the other side and the key: anything else could change without either side being written. */
function expressionsProblem(
  { table, catalog }: Exchange,
  side: readonly ExchangedColumn[],
  other: readonly ExchangedColumn[],
  directive: 'using' | 'reverse',
): string | null {
  const seen = new Set([...other.map(({ name }) => name), ...keyColumns(table)]);
  for (const { name, expression } of side) {
    const tree = parseExpression(expression);
    const said = `-- migrate:${directive} of ${name}`;
    let reads = false;
    visit(tree, (tag) => {
      reads ||= tag === 'SubLink';
    });
    if (reads) return `${said} reads other rows, which can change without this one`;
    if (expressionVolatility(tree, catalog) !== 'not volatile')
      return `${said} may give another value each time it is asked`;
    const strange = columnReferences(tree).find(({ column }) => !seen.has(column));
    if (strange !== undefined)
      return `${said} uses ${strange.column}, which is neither one of ${other.map((one) => one.name).join(', ')} nor a part of the primary key`;
  }
  return null;
}

/** A trigger that knows one side only would see, or make, a row in which the other side is behind. */
function triggerProblem(exchange: Exchange): string | null {
  const { table, catalog } = exchange;
  const names = [...exchange.old, ...exchange.new].map(({ name }) => name);
  for (const trigger of rowChangingTriggers(table)) {
    const bodies = [...catalog.functions.values()]
      .filter((one) => one.schema === trigger.function.schema && one.name === trigger.function.name)
      .map(({ definition }) => definition);
    const column = names.find((name) => [trigger.definition, ...bodies].some((text) => mentions(text, name)));
    if (column !== undefined) return `the trigger ${identifier(trigger.name).text} reads or changes ${column}`;
  }
  return null;
}

function mentions(text: string, name: string): boolean {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w$])${escaped}(?![\\w$])`, 'i').test(text);
}

function keyColumns(table: Table): ReadonlySet<Column['name']> {
  return new Set(table.constraints.filter(({ kind }) => kind === 'primary_key').flatMap(({ columns }) => columns));
}
