/**
 * What a version must keep to when it writes to a table: its own constraints, and those of the other version, because
 * both are in use. A promise to the new constraints is what contract asks of the old version, too.
 */
import type { Catalog, Table } from '../../../src/catalog/model.ts';
import { objectKey } from '../../../src/catalog/model.ts';

type Columns = readonly string[];

export type TableRules = {
  readonly table: Table;
  /** The columns that find one row; null when nothing does. */
  readonly key: Columns | null;
  /** No two rows may have the same values in all of these. */
  readonly uniques: readonly Columns[];
  /** Their values go together: of a check, a foreign key, an exclusion constraint. */
  readonly bound: readonly Columns[];
  /** Columns of foreign keys. */
  readonly references: ReadonlySet<string>;
  /** They decide about the partition. */
  readonly partitioning: ReadonlySet<string>;
  /** Whether rows of other tables may refer to its rows. */
  readonly referenced: boolean;
  /** Columns that the other version declares otherwise, under the same name. */
  readonly otherTypes: ReadonlySet<string>;
  /** Its primary key for the other version has required columns that it does not know, so that it cannot insert. */
  readonly keyIsUnknown: boolean;
  /** Columns that are NOT NULL for the other version only. */
  readonly requiredByOther: ReadonlySet<string>;
};

export function tableRules(table: Table, own: Catalog, other: Catalog): TableRules {
  const there = other.tables.get(objectKey(table));
  const both = there === undefined ? [table] : [table, there];
  const known = (columns: Columns): boolean =>
    columns.every((name) => table.columns.some((column) => column.name === name));
  const constraints = both
    .flatMap((each) => each.constraints)
    .filter(({ enforced, columns }) => enforced && known(columns));
  const otherColumn = (name: string) => there?.columns.find((column) => column.name === name);
  const names = (columns: Table['columns']) => new Set(columns.map(({ name }) => name));
  return {
    table,
    key: keyOf(table),
    uniques: both.flatMap(uniquesOf).filter(known),
    bound: constraints
      .filter(({ kind }) => kind === 'check' || kind === 'foreign_key' || kind === 'exclusion')
      .map(({ columns }) => columns),
    references: new Set(constraints.filter(({ kind }) => kind === 'foreign_key').flatMap(({ columns }) => columns)),
    partitioning: partitioningColumns(table, own),
    referenced: isReferenced(table, own) || isReferenced(table, other),
    otherTypes: names(table.columns.filter(({ name, type }) => (otherColumn(name)?.type ?? type) !== type)),
    keyIsUnknown: there !== undefined && hasUnknownKey(there, table),
    requiredByOther: names(
      table.columns.filter(({ name, notNull }) => !notNull && otherColumn(name)?.notNull === true),
    ),
  };
}

function hasUnknownKey(there: Table, table: Table): boolean {
  const key = there.constraints.find(({ kind }) => kind === 'primary_key')?.columns ?? [];
  return there.columns.some(
    ({ name, default: value, identity }) =>
      key.includes(name) &&
      value === null &&
      identity === null &&
      !table.columns.some((column) => column.name === name),
  );
}

/** Columns of another table that this one's columns refer to, alone. */
export function referredColumn(table: Table, column: string) {
  const key = table.constraints.find(
    ({ kind, columns }) => kind === 'foreign_key' && columns.length === 1 && columns[0] === column,
  );
  const referred = key?.references;
  return referred === null || referred === undefined
    ? null
    : { table: referred.table, column: referred.columns[0] ?? '' };
}

export function keyOf(table: Table): Columns | null {
  const primary = table.constraints.find(({ kind }) => kind === 'primary_key');
  if (primary !== undefined) return primary.columns;
  const required = (name: string) => table.columns.some((column) => column.name === name && column.notNull);
  const whole = table.indexes.filter(
    ({ unique, predicate, keys }) => unique && predicate === null && keys.every(({ column }) => column !== null),
  );
  const candidates = whole.map(({ keys }) => keys.flatMap(({ column }) => column ?? []));
  return candidates.find((columns) => columns.every(required)) ?? null;
}

/** Of an index on expressions: the columns that are named in them. */
function uniquesOf(table: Table): readonly Columns[] {
  const constraints = table.constraints.filter(({ kind }) => ['primary_key', 'unique', 'exclusion'].includes(kind));
  const indexes = table.indexes.filter(({ unique }) => unique);
  return [
    ...constraints.map(({ columns }) => columns),
    ...indexes.map(({ keys }) =>
      keys.flatMap(({ column, expression }) => (column === null ? columnsNamedIn(table, expression) : [column])),
    ),
  ];
}

function columnsNamedIn(table: Table, expression: string): Columns {
  return table.columns.map(({ name }) => name).filter((name) => expression.includes(name));
}

function partitioningColumns(table: Table, catalog: Catalog): ReadonlySet<string> {
  const below = [...catalog.tables.values()].filter(
    ({ partitionOf }) => partitionOf !== null && objectKey(partitionOf.parent) === objectKey(table),
  );
  return new Set([
    ...table.partitionKeyColumns,
    ...below.flatMap((partition) => [...partitioningColumns(partition, catalog)]),
  ]);
}

function isReferenced(table: Table, { tables }: Catalog): boolean {
  return [...tables.values()].some(({ constraints }) =>
    constraints.some(({ references }) => references !== null && objectKey(references.table) === objectKey(table)),
  );
}
