/** The schema and the rows before the migrations. */
import { makeObjectName } from '../../../src/postgres/names.ts';
import { quoteIdentifier } from '../../../src/sql/identifier.ts';
import { statement, type Given, type Rows, type Statement } from './generated-case.ts';
import {
  bareType,
  bigint,
  constantOf,
  domainType,
  enumType,
  integer,
  someType,
  text,
  timestamptz,
  uuid,
  varchar,
} from './values.ts';
import { addColumn, columnNames, newName, tableName, type World, type WorldColumn, type WorldTable } from './world.ts';

/** Most tables are small, so that a run is fast; some have more rows than a batch. */
const rowCounts = [0, 2, 5, 12, 12, 12, 25, 90] as const;
const mostTables = 3;
const mostColumns = 5;

export function makeGiven(world: World): readonly Given[] {
  const { draw } = world;
  const given: Given[] = [];
  if (draw.percent(25)) given.push(newSchema(world));
  if (draw.percent(25)) given.push(newEnum(world));
  if (draw.percent(20)) given.push(newDomain(world));
  const count = draw.int(1, mostTables);
  for (let made = 0; made < count; made += 1) given.push(...newTable(world));
  return given;
}

function newSchema(world: World): Statement {
  const name = newName(world, 'schema');
  world.schemas.push(name);
  return statement(`create schema ${quoteIdentifier(name)}`);
}

function newEnum(world: World): Statement {
  const name = quoteIdentifier(newName(world, 'mood'));
  const labels = ['sad', 'ok', 'Very happy'];
  world.enums.push({ name, labels });
  world.types.push(enumType(name, labels));
  return statement(`create type ${name} as enum ('${labels.join("', '")}')`);
}

function newDomain(world: World): Statement {
  const { draw } = world;
  const name = quoteIdentifier(newName(world, 'dom'));
  const base = draw.one([integer, text, varchar(40)]);
  const check = base.family === 'integer' ? 'value >= 0' : 'length(value) < 1000';
  world.types.push(domainType(name, base));
  return statement(`create domain ${name} as ${base.sql}${draw.percent(50) ? ` check (${check})` : ''}`);
}

function newTable(world: World): readonly Given[] {
  const { draw } = world;
  const isPartitioned = draw.percent(15);
  const table: WorldTable = {
    schema: draw.percent(70) ? null : draw.maybe(world.schemas),
    name: newName(world, 'tab'),
    kind: isPartitioned ? 'partitioned' : 'table',
    rows: draw.one(rowCounts),
    columns: [],
    constraints: [],
    indexes: [],
    triggers: [],
    policies: [],
    isNew: false,
    partitions: [],
    partitioning: [],
  };
  const key = newKey(world, table, isPartitioned);
  const columns = draw.int(1, mostColumns);
  for (let made = 0; made < columns; made += 1) {
    const type = someType(world);
    const nulls = draw.percent(35);
    const distinct = !nulls && type.distinct !== null && draw.percent(50);
    const make = distinct && type.distinct !== null ? type.distinct : type.repeated;
    addColumn(table, newName(world, 'col'), type, {
      nulls: nulls && table.rows > 0,
      distinct: distinct || table.rows < 2,
      notNull: !nulls && draw.percent(40),
      hasDefault: draw.percent(20),
      value: nulls ? (n) => `case when (${n}) % 4 = 2 then null else ${make(n)} end` : make,
    });
  }
  for (const column of table.columns) column.origin = `${table.schema ?? 'public'}.${table.name}.${column.name}`;
  world.tables.push(table);
  const create = statement(
    `create ${!isPartitioned && draw.percent(5) ? 'unlogged ' : ''}table ${tableName(table)} (`,
    [...table.columns.map((column) => columnDefinition(world, column)), ...keyDefinition(world, table, key)],
    isPartitioned ? `) partition by ${draw.percent(50) ? 'hash' : 'range'} (${columnNames(table.partitioning)})` : ')',
  );
  return [create, ...partitionsOf(world, table, create), ...rowsOf(table)];
}

/** Adds the columns of the key; null without one. */
function newKey(world: World, table: WorldTable, isPartitioned: boolean): readonly string[] | null {
  const { draw } = world;
  const style = draw.int(1, 100);
  if (style <= 8 && !isPartitioned) return null;
  const types = [bigint, bigint, integer, uuid, text, timestamptz] as const;
  const isComposite = style <= 25;
  const type = isPartitioned ? draw.one([bigint, integer] as const) : draw.one(types);
  const identity = type.family === 'integer' && !isPartitioned && draw.percent(40);
  const name = newName(world, 'id');
  const key = { notNull: true, nulls: false, distinct: true, identity, value: type.distinct };
  addColumn(table, name, type, key);
  if (isPartitioned) (table.partitioning as string[]).push(name);
  if (!isComposite) return [name];
  const second = newName(world, 'part');
  addColumn(table, second, draw.one([text, integer] as const), {
    notNull: true,
    nulls: false,
    distinct: false,
    value: null,
  });
  const added = table.columns.at(-1);
  if (added !== undefined) added.value = added.type.repeated;
  return draw.percent(50) ? [name, second] : [second, name];
}

function columnDefinition(world: World, column: WorldColumn): string {
  const { draw } = world;
  const { name, type, notNull, hasDefault, identity } = column;
  const serial = identity && draw.percent(40);
  return [
    quoteIdentifier(name),
    serial ? (type.sql === 'bigint' ? 'bigserial' : 'serial') : type.sql,
    ...(identity && !serial ? [`generated ${draw.percent(30) ? 'by default' : 'always'} as identity`] : []),
    ...(hasDefault && !identity ? [`default ${constantOf(type, draw)}`] : []),
    ...(notNull ? ['not null'] : []),
  ].join(' ');
}

function keyDefinition(world: World, table: WorldTable, key: readonly string[] | null): readonly string[] {
  if (key === null) return [];
  const ownName = makeObjectName(table.name, null, 'pkey');
  const name = world.draw.percent(30) ? newName(world, 'key') : ownName;
  const named = name === ownName ? '' : `constraint ${quoteIdentifier(name)} `;
  table.constraints.push({ name, kind: 'primary key', columns: [...key], references: null, valid: true });
  return [`${named}primary key (${columnNames(key)})`];
}

function partitionsOf(world: World, table: WorldTable, { tail }: Statement): readonly Statement[] {
  if (table.kind !== 'partitioned') return [];
  const isHash = tail.includes(' hash ');
  return [0, 1].map((part) => {
    const name = newName(world, 'slice');
    (table.partitions as string[]).push(name);
    const bound = isHash
      ? `with (modulus 2, remainder ${part})`
      : part === 0
        ? 'from (minvalue) to (10)'
        : 'from (10) to (maxvalue)';
    const full = { schema: table.schema, name };
    return statement(`create table ${tableName(full)} partition of ${tableName(table)} for values ${bound}`);
  });
}

function rowsOf(table: WorldTable): readonly Rows[] {
  if (table.rows === 0) return [];
  const written = table.columns.filter(({ identity }) => !identity);
  if (written.length === 0) return [];
  return [
    {
      table: tableName(table),
      count: table.rows,
      values: written.map((column) => ({
        column: quoteIdentifier(column.name),
        expression: valueOf(column, 'n'),
      })),
    },
  ];
}

function valueOf({ value, type }: WorldColumn, n: string): string {
  return `(${(value ?? type.repeated)(n)})::${bareType(type)}`;
}
