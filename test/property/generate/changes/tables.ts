/** Whole tables, and names of what belongs to them. */
import { makeObjectName } from '../../../../src/postgres/names.ts';
import { quoteIdentifier } from '../../../../src/sql/identifier.ts';
import { statement, type Statement } from '../generated-case.ts';
import { bigint, someType, uuid } from '../values.ts';
import { addColumn, keyOf, newName, tableName, type World, type WorldTable } from '../world.ts';
import { alter } from './columns.ts';

export function createTable(world: World): Statement | null {
  const { draw, tables, schemas } = world;
  const table: WorldTable = {
    schema: draw.percent(70) ? null : draw.maybe(schemas),
    name: newName(world, 'new'),
    kind: 'table',
    rows: 0,
    columns: [],
    constraints: [],
    indexes: [],
    triggers: [],
    policies: [],
    isNew: true,
    partitions: [],
    partitioning: [],
  };
  const key = newName(world, 'id');
  const type = draw.one([bigint, uuid] as const);
  addColumn(table, key, type, { notNull: true });
  table.constraints.push({
    name: makeObjectName(table.name, null, 'pkey'),
    kind: 'primary key',
    columns: [key],
    references: null,
    valid: true,
  });
  const parts = [`${quoteIdentifier(key)} ${type.sql} primary key`];
  for (let count = draw.int(0, 2); count > 0; count -= 1) {
    const name = newName(world, 'col');
    const columnType = someType(world);
    addColumn(table, name, columnType);
    parts.push(`${quoteIdentifier(name)} ${columnType.sql}`);
  }
  const target = draw.percent(40) ? draw.maybe(tables.filter((each) => keyOf(each)?.length === 1)) : null;
  const [referred] = target === null ? [] : (keyOf(target) ?? []);
  const referredType = target?.columns.find(({ name }) => name === referred)?.type;
  if (target !== null && referredType !== undefined) {
    const name = newName(world, 'ref');
    addColumn(table, name, referredType);
    const constraint = makeObjectName(table.name, name, 'fkey');
    table.constraints.push({ name: constraint, kind: 'foreign key', columns: [name], references: target, valid: true });
    parts.push(`${quoteIdentifier(name)} ${referredType.sql} references ${tableName(target)}`);
  }
  tables.push(table);
  return statement(`create table ${tableName(table)} (`, parts, ')');
}

export function dropTable(world: World): Statement | null {
  const { draw, tables, views } = world;
  const isFree = (table: WorldTable) =>
    !views.some((view) => view.table === table) &&
    !tables.some((other) => other !== table && other.constraints.some(({ references }) => references === table));
  const table = tables.length < 2 ? null : draw.maybe(tables.filter((each) => isFree(each)));
  if (table === null) return null;
  tables.splice(tables.indexOf(table), 1);
  return statement(`drop table ${tableName(table)}`);
}

export function renameTable(world: World): Statement | null {
  const table = world.draw.maybe(world.tables);
  if (table === null) return null;
  const before = tableName(table);
  table.name = newName(world, 'ren');
  return statement(`alter table ${before} rename to ${quoteIdentifier(table.name)}`);
}

export function renameIndex(world: World): Statement | null {
  const { draw, tables } = world;
  const table = draw.maybe(tables.filter(({ indexes }) => indexes.length > 0));
  const index = table === null ? null : draw.maybe(table.indexes);
  if (table === null || index === null) return null;
  const before = tableName({ schema: table.schema, name: index.name });
  index.name = newName(world, 'idx');
  return statement(`alter index ${before} rename to ${quoteIdentifier(index.name)}`);
}

export function renameConstraint(world: World): Statement | null {
  const { draw, tables } = world;
  const table = draw.maybe(tables.filter(({ constraints }) => constraints.length > 0));
  const constraint = table === null ? null : draw.maybe(table.constraints);
  if (table === null || constraint === null) return null;
  const before = constraint.name;
  constraint.name = newName(world, 'con');
  return alter(table, `rename constraint ${quoteIdentifier(before)} to ${quoteIdentifier(constraint.name)}`);
}

const settings = [
  'set (fillfactor = 70)',
  'set (autovacuum_enabled = false)',
  'replica identity full',
  'no force row level security',
] as const;

export function setting(world: World): Statement | null {
  const { draw } = world;
  const table = draw.maybe(world.tables.filter(({ kind }) => kind === 'table'));
  if (table === null) return null;
  const column = draw.maybe(table.columns);
  const style = draw.int(1, 4);
  if (style === 1) return statement(`comment on table ${tableName(table)} is 'about ''${draw.int(1, 9)}'''`);
  if (style === 2 && column !== null)
    return statement(`comment on column ${tableName(table)}.${quoteIdentifier(column.name)} is 'a column'`);
  if (style === 3 && column !== null)
    return alter(table, `alter column ${quoteIdentifier(column.name)} set statistics 50`);
  return alter(table, draw.one(settings));
}
