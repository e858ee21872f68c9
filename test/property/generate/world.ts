/**
 * What a generator knows of the schema that it has made up so far: enough to write statements that the server takes
 * most of the time. Unlike the product's catalog it knows what is in the rows, and it is changed in place.
 */
import { quoteIdentifier } from '../../../src/sql/identifier.ts';
import type { Draw } from './draw.ts';

export type TypeFamily = 'integer' | 'number' | 'text' | 'time' | 'uuid' | 'boolean' | 'json' | 'enum' | 'other';

export type WorldType = {
  /** As written in SQL. */
  readonly sql: string;
  readonly family: TypeFamily;
  /** The n-th value. Distinct: no other n has it. */
  readonly distinct: ((n: string) => string) | null;
  readonly repeated: (n: string) => string;
};

export type WorldColumn = {
  name: string;
  type: WorldType;
  notNull: boolean;
  /** There are rows without a value. */
  nulls: boolean;
  /** No two rows have the same value. */
  distinct: boolean;
  hasDefault: boolean;
  generated: boolean;
  identity: boolean;
  /** The value of the row n, for rows that refer to it; null when nobody knows it any more. */
  value: ((n: string) => string) | null;
  /** `schema.table.column` as it is in `given`; null when the migrations add it. */
  origin: string | null;
  /** A view, policy, trigger or generated column uses it. */
  used: boolean;
};

export type WorldConstraint = {
  name: string;
  readonly kind: 'check' | 'unique' | 'primary key' | 'foreign key' | 'exclusion';
  columns: string[];
  /** The table referred to. */
  readonly references: WorldTable | null;
  valid: boolean;
  /** Of a key: whether a foreign key can refer to it. */
  readonly isReferable?: boolean;
};

type WorldIndex = {
  name: string;
  readonly columns: string[];
  readonly unique: boolean;
  readonly plain: boolean;
};

export type WorldTable = {
  schema: string | null;
  name: string;
  readonly kind: 'table' | 'partitioned';
  rows: number;
  columns: WorldColumn[];
  constraints: WorldConstraint[];
  indexes: WorldIndex[];
  triggers: string[];
  policies: string[];
  /** Made by the migrations themselves. */
  readonly isNew: boolean;
  /** Partitions, and columns that decide about them. */
  readonly partitions: readonly string[];
  readonly partitioning: readonly string[];
};

export type World = {
  readonly draw: Draw;
  readonly schemas: string[];
  readonly tables: WorldTable[];
  readonly types: WorldType[];
  readonly enums: { readonly name: string; readonly labels: string[] }[];
  readonly views: { name: string; readonly materialized: boolean; readonly table: WorldTable }[];
  readonly functions: string[];
  /** Every name that was made up, as it stands in the SQL. */
  readonly names: string[];
  isGiven: boolean;
};

const reserved = ['order', 'user', 'group', 'select', 'table', 'limit', 'default', 'check', 'end', 'all'];
const longestName = 63;

/** Two thirds are plain; the others need quotes, are as long as names may be, or have letters of several bytes. */
export function newName({ draw, names }: World, what: string): string {
  const number = names.length + 1;
  const free = reserved.filter((word) => !names.includes(quoteIdentifier(word)));
  const styles = [
    { weight: 20, name: `${what}${number}` },
    { weight: 2, name: `${what[0]?.toUpperCase()}${what.slice(1)} ${number}` },
    { weight: 1, name: `${what}"s.${number}` },
    { weight: 1, name: `${what}'$1\\${number}` },
    { weight: 2, name: `${what}${number}_`.padEnd(longestName, 'x') },
    { weight: 1, name: `größe_${what}${number}` },
    ...free.slice(0, 1).map((name) => ({ weight: 2, name })),
  ] as const;
  const { name } = draw.weighted([styles[0], ...styles.slice(1)]);
  names.push(quoteIdentifier(name));
  return name;
}

export function tableName({ schema, name }: Pick<WorldTable, 'schema' | 'name'>): string {
  return schema === null ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

export function columnNames(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(', ');
}

export function keyOf(table: WorldTable): readonly string[] | null {
  return table.constraints.find(({ kind }) => kind === 'primary key')?.columns ?? null;
}

/** The constraints that somebody may refer to. */
export function referableKeys(table: WorldTable): readonly WorldConstraint[] {
  return table.constraints.filter(
    ({ kind, isReferable = true }) => isReferable && (kind === 'primary key' || kind === 'unique'),
  );
}

export function isReferenced(world: World, table: WorldTable, columns: readonly string[]): boolean {
  return world.tables.some(({ constraints }) =>
    constraints.some(
      (each) =>
        each.references === table && referableKeys(table).some((key) => key.columns.some((c) => columns.includes(c))),
    ),
  );
}

/** Forgets all that went with a column. */
export function forgetColumn(table: WorldTable, name: string): void {
  table.columns = table.columns.filter((column) => column.name !== name);
  table.constraints = table.constraints.filter(({ columns }) => !columns.includes(name));
  table.indexes = table.indexes.filter(({ columns }) => !columns.includes(name));
}

export function renameColumn(table: WorldTable, from: string, to: string): void {
  for (const column of table.columns) if (column.name === from) column.name = to;
  for (const { columns } of [...table.constraints, ...table.indexes])
    for (const [index, name] of columns.entries()) if (name === from) columns[index] = to;
}

export function addColumn(table: WorldTable, name: string, type: WorldType, more: Partial<WorldColumn> = {}): void {
  table.columns.push({
    name,
    type,
    notNull: false,
    nulls: table.rows > 0,
    distinct: table.rows === 0,
    hasDefault: false,
    generated: false,
    identity: false,
    value: null,
    origin: null,
    used: false,
    ...more,
  });
}
