/**
 * What a version must keep to when it writes to a table: its own constraints, and those of the other version as far as
 * the plan tells it, because both are in use.
 */
import type { Catalog, Table } from '../../../src/catalog/model.ts';
import { objectKey } from '../../../src/catalog/model.ts';
import type { Promised } from './promised.ts';

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
  /** False while columns that it does not know, or must not use yet, need a value. */
  readonly mayInsert: boolean;
  /** Columns that are NOT NULL for the other version only. */
  readonly requiredByOther: ReadonlySet<string>;
  /** Columns to which it must not write yet, because what it writes would become something else. */
  readonly computed: ReadonlySet<string>;
  /** Columns whose own default is not there yet. */
  readonly withoutDefault: ReadonlySet<string>;
  /** Columns that the migration's own UPDATE sets. */
  readonly assigned: ReadonlySet<string>;
};

/** `table` is as the version may use it now, and `whole` as it knows it. */
export function tableRules(table: Table, whole: Table, own: Catalog, promised: Promised): TableRules {
  const promises = promised.rules(whole);
  const constraints = [
    ...table.constraints
      .filter(({ enforced }) => enforced)
      .map(({ kind, columns }) => ({ rule: kind.replace('_', ' '), columns })),
    ...promises,
  ];
  const columnsOf = (...rules: readonly string[]) =>
    constraints.filter(({ rule }) => rules.includes(rule)).map(({ columns }) => columns);
  return {
    table,
    key: keyOf(table),
    uniques: [
      ...uniquesOf(table),
      ...promises
        .filter(({ rule }) => ['primary key', 'unique', 'exclusion'].includes(rule))
        .map(({ columns }) => columns),
    ],
    bound: columnsOf('check', 'foreign key', 'exclusion'),
    references: new Set(columnsOf('foreign key').flat()),
    partitioning: partitioningColumns(table, own),
    referenced: isReferenced(table, own) || promised.isReferenced(whole),
    otherTypes: new Set(promised.withTwoTypes(whole)),
    mayInsert: promised.mayInsert(whole),
    requiredByOther: new Set(promises.filter(({ rule }) => rule === 'not null').flatMap(({ columns }) => columns)),
    computed: new Set(promised.computed(whole)),
    withoutDefault: new Set(promised.withoutDefault(whole)),
    assigned: new Set(promised.assigned(whole)),
  };
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
