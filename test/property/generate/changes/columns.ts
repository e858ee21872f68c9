/** Changes of columns. */
import { makeObjectName } from '../../../../src/postgres/names.ts';
import { quoteIdentifier } from '../../../../src/sql/identifier.ts';
import { statement, type Statement } from '../generated-case.ts';
import {
  bareType,
  bigint,
  constantOf,
  integer,
  jsonb,
  numeric,
  someType,
  text,
  timestamptz,
  varchar,
  volatileOf,
} from '../values.ts';
import {
  addColumn,
  forgetColumn,
  isReferenced,
  newName,
  renameColumn,
  tableName,
  type World,
  type WorldColumn,
  type WorldTable,
  type WorldType,
} from '../world.ts';

export function alter(table: WorldTable, ...parts: readonly string[]): Statement {
  return statement(`alter table ${tableName(table)} `, parts);
}

function someTable({ draw, tables }: World): WorldTable | null {
  return draw.maybe(tables);
}

export function someColumn(
  world: World,
  fits: (column: WorldColumn, table: WorldTable) => boolean = () => true,
): { readonly table: WorldTable; readonly column: WorldColumn } | null {
  const { draw, tables } = world;
  return draw.maybe(
    tables.flatMap((table) =>
      table.columns.filter((column) => fits(column, table)).map((column) => ({ table, column })),
    ),
  );
}

export function addNewColumn(world: World): Statement | null {
  const table = someTable(world);
  if (table === null) return null;
  const { draw } = world;
  const name = newName(world, 'col');
  const type = someType(world);
  const head = `add column ${quoteIdentifier(name)} ${type.sql}`;
  const style = draw.int(1, 100);
  if (style <= 25) {
    addColumn(table, name, type);
    return alter(table, head);
  }
  if (style <= 55) {
    const notNull = draw.percent(50);
    const value = constantOf(type, draw);
    const nulls = value === 'null';
    addColumn(table, name, type, { notNull: notNull && !nulls, nulls, hasDefault: true });
    return alter(table, `${head} default ${value}${notNull && !nulls ? ' not null' : ''}`);
  }
  if (style <= 67) {
    const volatile = volatileOf(type);
    if (volatile === null) return null;
    const notNull = draw.percent(50);
    addColumn(table, name, type, {
      notNull,
      nulls: false,
      distinct: type.family === 'uuid' || type.family === 'text',
      hasDefault: true,
    });
    return alter(table, `${head} default ${volatile}${notNull ? ' not null' : ''}`);
  }
  if (style <= 77 && type.family !== 'integer') return null;
  if (style <= 73) {
    addColumn(table, name, bigint, { notNull: true, nulls: false, distinct: true, identity: true });
    return alter(table, `add column ${quoteIdentifier(name)} bigint generated always as identity`);
  }
  if (style <= 77) {
    addColumn(table, name, integer, { notNull: true, nulls: false, distinct: true, identity: true });
    return alter(table, `add column ${quoteIdentifier(name)} ${draw.percent(50) ? 'serial' : 'bigserial'}`);
  }
  if (style <= 82) return addGeneratedColumn(world, table, name);
  if (style <= 90) {
    addColumn(table, name, type);
    const constraint = makeObjectName(table.name, name, 'check');
    table.constraints.push({ name: constraint, kind: 'check', columns: [name], references: null, valid: true });
    return alter(table, `${head} check (${quoteIdentifier(name)} is null or ${quoteIdentifier(name)} is not null)`);
  }
  return addRequiredColumn(table, name, type);
}

function addGeneratedColumn(world: World, table: WorldTable, name: string): Statement | null {
  const source = world.draw.maybe(
    table.columns.filter(({ type, generated }) => type.family === 'integer' && !generated),
  );
  if (source === null) return null;
  source.used = true;
  addColumn(table, name, bigint, { generated: true, nulls: source.nulls });
  const kind = world.draw.percent(50) ? 'virtual' : 'stored';
  return alter(
    table,
    `add column ${quoteIdentifier(name)} bigint generated always as (${quoteIdentifier(source.name)} * 2) ${kind}`,
  );
}

/** NOT NULL without a default: with the value for the rows that are there. */
function addRequiredColumn(table: WorldTable, name: string, type: WorldType): Statement {
  const column = quoteIdentifier(name);
  const value = `(${type.repeated('1')})::${bareType(type)}`;
  addColumn(table, name, type, { notNull: true, nulls: false });
  const target = tableName(table);
  return {
    ...alter(table, `add column ${column} ${type.sql} not null`),
    directive: `using ${value}`,
    meaning: [
      `alter table ${target} add column ${column} ${type.sql}`,
      `update ${target} set ${column} = ${value}`,
      `alter table ${target} alter column ${column} set not null`,
    ],
  };
}

export function dropColumn(world: World): Statement | null {
  const found = someColumn(
    world,
    ({ name, used }, table) =>
      table.columns.length > 1 &&
      !table.partitioning.includes(name) &&
      (world.draw.percent(10) || (!used && !isReferenced(world, table, [name]))),
  );
  if (found === null) return null;
  forgetColumn(found.table, found.column.name);
  return alter(found.table, `drop column ${quoteIdentifier(found.column.name)}`);
}

export function renameSomeColumn(world: World): Statement | null {
  const found = someColumn(world, (column, table) => !table.partitioning.includes(column.name));
  if (found === null) return null;
  const from = found.column.name;
  const to = newName(world, 'ren');
  renameColumn(found.table, from, to);
  return alter(found.table, `rename column ${quoteIdentifier(from)} to ${quoteIdentifier(to)}`);
}

type Conversion = { readonly from: RegExp; readonly to: WorldType; readonly using?: (column: string) => string };

const conversions: readonly Conversion[] = [
  { from: /^integer$/, to: bigint },
  { from: /^integer$/, to: bigint },
  { from: /^smallint$/, to: integer },
  { from: /^(integer|bigint)$/, to: numeric(14, 2) },
  { from: /^bigint$/, to: integer },
  { from: /^varchar\(20\)$/, to: varchar(40) },
  { from: /^varchar\(40\)$/, to: text },
  { from: /^(text|varchar\(40\))$/, to: varchar(60) },
  { from: /^numeric\(12,2\)$/, to: numeric(14, 2) },
  { from: /^numeric\(12,2\)$/, to: numeric(16, 4) },
  { from: /^json$/, to: jsonb },
  { from: /^timestamp$/, to: timestamptz },
  { from: /^char\(8\)$/, to: text },
  { from: /^(integer|boolean|uuid)$/, to: text },
  { from: /^text$/, to: integer, using: (column) => `length(${column})` },
  { from: /^text$/, to: { ...text, sql: 'text collate "C"' } },
];

export function alterType(world: World): Statement | null {
  const found = someColumn(
    world,
    ({ type, generated, name, used }, table) =>
      !generated &&
      !table.partitioning.includes(name) &&
      (world.draw.percent(10) || !used) &&
      conversions.some(({ from }) => from.test(type.sql)),
  );
  if (found === null) return null;
  const { table, column } = found;
  // What is made of rows that nobody has seen yet would meet in a key.
  const inKey =
    table.indexes.some(({ unique, columns }) => unique && columns.includes(column.name)) ||
    table.constraints.some(
      ({ kind, columns }) => /unique|primary|exclusion/.test(kind) && columns.includes(column.name),
    );
  const conversion = world.draw.maybe(
    conversions.filter(({ from, using }) => from.test(column.type.sql) && !(using !== undefined && inKey)),
  );
  if (conversion === null) return null;
  const { to, using } = conversion;
  column.type = to;
  if (using !== undefined) {
    column.distinct = false;
    column.value = null;
  }
  const name = quoteIdentifier(column.name);
  const expression = using === undefined ? (world.draw.percent(20) ? name : null) : using(name);
  const clause =
    expression === null ? '' : ` using ${expression}${using === undefined ? `::${to.sql.split(' ')[0]}` : ''}`;
  return alter(table, `alter column ${name} type ${to.sql}${clause}`);
}

export function setNotNull(world: World): Statement | null {
  const found = someColumn(world, ({ notNull, generated }) => !notNull && !generated);
  if (found === null) return null;
  const { table, column } = found;
  const name = quoteIdentifier(column.name);
  const set = alter(table, `alter column ${name} set not null`);
  if (column.nulls && world.draw.percent(10)) return set; // fails on the server
  column.notNull = true;
  if (!column.nulls && world.draw.percent(80)) return set;
  const value = `(${column.type.repeated('1')})::${bareType(column.type)}`;
  if (column.nulls) column.distinct = false;
  column.nulls = false;
  return {
    ...set,
    keeps: column.origin,
    directive: `using ${value}`,
    meaning: [
      `update ${tableName(table)} set ${name} = ${value} where ${name} is null`,
      `alter table ${tableName(table)} alter column ${name} set not null`,
    ],
  };
}

export function dropNotNull(world: World): Statement | null {
  const found = someColumn(
    world,
    ({ notNull, identity, name }, table) =>
      notNull &&
      !identity &&
      !table.constraints.some(({ kind, columns }) => kind === 'primary key' && columns.includes(name)),
  );
  if (found === null) return null;
  found.column.notNull = false;
  return alter(found.table, `alter column ${quoteIdentifier(found.column.name)} drop not null`);
}

export function setDefault(world: World): Statement | null {
  // A default that refers to no row makes every INSERT fail that leaves the column out, the old version's too.
  const refers = (name: string, { constraints }: WorldTable) =>
    constraints.some(({ kind, columns }) => kind === 'foreign key' && columns.includes(name));
  const found = someColumn(
    world,
    ({ name, generated, identity }, table) => !generated && !identity && !refers(name, table),
  );
  if (found === null) return null;
  const { table, column } = found;
  const name = quoteIdentifier(column.name);
  if (column.hasDefault && world.draw.percent(40)) {
    column.hasDefault = false;
    return alter(table, `alter column ${name} drop default`);
  }
  column.hasDefault = true;
  return alter(table, `alter column ${name} set default ${constantOf(column.type, world.draw)}`);
}
