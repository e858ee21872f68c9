/** Constraints and indexes. */
import { makeObjectName } from '../../../../src/postgres/names.ts';
import { quoteIdentifier } from '../../../../src/sql/identifier.ts';
import { statement, type Statement } from '../generated-case.ts';
import {
  addColumn,
  columnNames,
  keyOf,
  newName,
  referableKeys,
  tableName,
  type World,
  type WorldColumn,
  type WorldTable,
} from '../world.ts';
import { alter, someColumn } from './columns.ts';

function conditionOf({ name, type, notNull, nulls }: WorldColumn, world: World): string {
  const column = quoteIdentifier(name);
  if (!nulls && !notNull && world.draw.percent(15)) return `${column} is not null`;
  if (type.family === 'integer') return world.draw.one([`${column} >= 0`, `${column} < 1000000`]);
  if (type.family === 'number') return `${column} >= 0`;
  if (type.family === 'text') return world.draw.one([`length(${column}) < 1000`, `${column} <> 'never'`]);
  if (type.family === 'time') return `${column} > '2000-01-01'`;
  return `${column} is null or ${column} is not null`;
}

export function addCheck(world: World): Statement | null {
  const found = someColumn(world);
  if (found === null) return null;
  const { table, column } = found;
  const { draw } = world;
  const name = newName(world, 'chk');
  const valid = !draw.percent(10);
  table.constraints.push({ name, kind: 'check', columns: [column.name], references: null, valid });
  const condition =
    !world.isGiven && !column.notNull && draw.percent(5)
      ? `${quoteIdentifier(column.name)} is null`
      : conditionOf(column, world);
  return alter(table, `add constraint ${quoteIdentifier(name)} check (${condition})${valid ? '' : ' not valid'}`);
}

function uniqueColumns(world: World): { readonly table: WorldTable; readonly columns: readonly string[] } | null {
  const found = someColumn(world, ({ distinct, type, generated }) => distinct && type.family !== 'json' && !generated);
  if (found === null) return null;
  const { table, column } = found;
  const more = world.draw.percent(20) ? world.draw.maybe(table.columns.filter(hasOrder)) : null;
  const columns = [...new Set([column.name, ...(more === null ? [] : [more.name]), ...table.partitioning])];
  return { table, columns };
}

function hasOrder({ type, generated }: WorldColumn): boolean {
  return type.family !== 'json' && !generated;
}

export function addUnique(world: World): Statement | null {
  const found = uniqueColumns(world);
  if (found === null) return null;
  const { table, columns } = found;
  const { draw } = world;
  const isPrimary = keyOf(table) === null && draw.percent(60);
  const hasNulls = table.columns.some(({ name, nulls }) => nulls && columns.includes(name));
  if (isPrimary && hasNulls) return null;
  const name = newName(world, isPrimary ? 'pkey' : 'uniq');
  const kind = isPrimary ? 'primary key' : 'unique';
  const later = draw.percent(10) ? ' deferrable initially deferred' : '';
  const isReferable = later === '';
  table.constraints.push({ name, kind, columns: [...columns], references: null, valid: true, isReferable });
  if (isPrimary) for (const column of table.columns) if (columns.includes(column.name)) column.notNull = true;
  const nulls = !isPrimary && draw.percent(10) ? ' nulls not distinct' : '';
  return alter(table, `add constraint ${quoteIdentifier(name)} ${kind}${nulls} (${columnNames(columns)})${later}`);
}

export function addUsingIndex(world: World): Statement | null {
  const { draw, tables } = world;
  const table = draw.maybe(tables.filter(({ kind, indexes }) => kind === 'table' && indexes.some(isPlainUnique)));
  const index = table === null ? null : draw.maybe(table.indexes.filter(isPlainUnique));
  if (table === null || index === null) return null;
  const name = draw.percent(50) ? index.name : newName(world, 'uniq');
  table.indexes = table.indexes.filter((each) => each !== index);
  table.constraints.push({ name, kind: 'unique', columns: [...index.columns], references: null, valid: true });
  return alter(table, `add constraint ${quoteIdentifier(name)} unique using index ${quoteIdentifier(index.name)}`);
}

function isPlainUnique({ unique, plain }: { readonly unique: boolean; readonly plain: boolean }): boolean {
  return unique && plain;
}

export function addForeignKey(world: World): Statement | null {
  const { draw, tables } = world;
  const target = draw.maybe(tables.filter((table) => referableKeys(table).length > 0));
  const key = target === null ? null : draw.maybe(referableKeys(target));
  const table = draw.maybe(tables);
  if (target === null || key === null || table === null) return null;
  const referring = key.columns.map((name) => referringColumn(table, target, name, draw.percent(50)));
  if (referring.some((column) => column === null)) return null;
  const columns = referring.flatMap((column) => column?.name ?? []);
  if (new Set(columns).size < columns.length) return null;
  const name = newName(world, 'fk');
  const valid = !draw.percent(10);
  const actions = ['', ' on delete cascade', ' on delete set null', ' on update cascade on delete restrict'] as const;
  table.constraints.push({ name, kind: 'foreign key', columns: [...columns], references: target, valid });
  const clause = `foreign key (${columnNames(columns)}) references ${tableName(target)} (${columnNames(key.columns)})`;
  return alter(
    table,
    `add constraint ${quoteIdentifier(name)} ${clause}${draw.one(actions)}${valid ? '' : ' not valid'}`,
  );
}

/** A column with values of the other table's column, or none. */
function referringColumn(table: WorldTable, target: WorldTable, name: string, other: boolean): WorldColumn | null {
  const referred = target.columns.find((column) => column.name === name);
  if (referred === undefined) return null;
  const fits = table.columns.filter(
    (column) =>
      column.type.sql === referred.type.sql &&
      (table.rows === 0 || isEmpty(column, table) || (column.value === referred.value && table.rows <= target.rows)),
  );
  return fits.find((column) => (column !== referred) === other) ?? fits[0] ?? null;
}

/** Added by ALTER TABLE without a default: nothing but NULL. */
function isEmpty({ nulls, value, hasDefault }: WorldColumn, { rows }: WorldTable): boolean {
  return rows > 0 && nulls && value === null && !hasDefault;
}

/** The column for a foreign key, and the key, in one statement or in two migrations. */
export function addReference(world: World): Statement | null {
  const { draw, tables } = world;
  const target = draw.maybe(tables.filter((table) => keyOf(table)?.length === 1));
  const table = draw.maybe(tables);
  if (target === null || table === null) return null;
  const [key] = keyOf(target) ?? [];
  const referred = target.columns.find(({ name }) => name === key);
  if (referred === undefined) return null;
  const name = newName(world, 'ref');
  const constraint = makeObjectName(table.name, name, 'fkey');
  const kind = 'foreign key';
  addColumn(table, name, referred.type);
  table.constraints.push({ name: constraint, kind, columns: [name], references: target, valid: true });
  return alter(table, `add column ${quoteIdentifier(name)} ${referred.type.sql} references ${tableName(target)}`);
}

export function dropConstraint(world: World): Statement | null {
  const { draw, tables } = world;
  const found = draw.maybe(
    tables.flatMap((table) =>
      table.constraints
        .filter((each) => each.kind !== 'primary key' || draw.percent(10))
        .filter(
          (each) =>
            !tables.some((other) =>
              other.constraints.some(
                ({ references }) => references === table && each.kind !== 'check' && each.kind !== 'foreign key',
              ),
            ),
        )
        .map((constraint) => ({ table, constraint })),
    ),
  );
  if (found === null) return null;
  const { table, constraint } = found;
  table.constraints = table.constraints.filter((each) => each !== constraint);
  return alter(table, `drop constraint ${quoteIdentifier(constraint.name)}`);
}

export function validateConstraint(world: World): Statement | null {
  const { draw, tables } = world;
  const found = draw.maybe(
    tables.flatMap((table) =>
      table.constraints.filter(({ valid }) => !valid).map((constraint) => ({ table, constraint })),
    ),
  );
  if (found === null) return null;
  found.constraint.valid = true;
  return alter(found.table, `validate constraint ${quoteIdentifier(found.constraint.name)}`);
}

export function createIndex(world: World): Statement | null {
  const { draw } = world;
  const isUnique = draw.percent(30);
  const found = isUnique ? uniqueColumns(world) : plainColumns(world);
  if (found === null) return null;
  const { table, columns } = found;
  const name = newName(world, 'idx');
  const keys = columns.map((column) => indexKey(table, column, world, isUnique));
  const included = draw.percent(15) ? draw.maybe(table.columns.filter(({ generated }) => !generated)) : null;
  const first = table.columns.find((column) => column.name === columns[0]);
  const partial = !isUnique && first !== undefined && draw.percent(15) ? ` where ${conditionOf(first, world)}` : '';
  const plain = partial === '' && keys.every((key, index) => key === quoteIdentifier(columns[index] ?? ''));
  table.indexes.push({
    name,
    columns: [...columns, ...(included === null ? [] : [included.name])],
    unique: isUnique,
    plain,
  });
  const concurrently = draw.percent(20) && !world.isGiven && table.kind === 'table' ? 'concurrently ' : '';
  const method =
    !isUnique && columns.length === 1 && keys[0] === quoteIdentifier(columns[0] ?? '') && draw.percent(10)
      ? 'using hash '
      : '';
  const include = included === null || method !== '' ? '' : ` include (${quoteIdentifier(included.name)})`;
  return statement(
    `create ${isUnique ? 'unique ' : ''}index ${concurrently}${quoteIdentifier(name)} on ${tableName(table)} ${method}(`,
    keys,
    `)${include}${partial}`,
  );
}

function plainColumns({
  draw,
  tables,
}: World): { readonly table: WorldTable; readonly columns: readonly string[] } | null {
  const table = draw.maybe(tables.filter(({ columns }) => columns.some(hasOrder)));
  if (table === null) return null;
  return { table, columns: draw.some(table.columns.filter(hasOrder), 2).map(({ name }) => name) };
}

function indexKey(table: WorldTable, name: string, { draw }: World, isUnique: boolean): string {
  const column = quoteIdentifier(name);
  const isText = table.columns.find((each) => each.name === name)?.type.family === 'text';
  if (isText && !isUnique && draw.percent(20)) return `lower(${column})`;
  if (draw.percent(15)) return `${column} desc${draw.percent(50) ? ' nulls last' : ''}`;
  return column;
}

export function dropIndex(world: World): Statement | null {
  const { draw, tables } = world;
  const table = draw.maybe(tables.filter(({ indexes }) => indexes.length > 0));
  const index = table === null ? null : draw.maybe(table.indexes);
  if (table === null || index === null) return null;
  table.indexes = table.indexes.filter((each) => each !== index);
  const concurrently = draw.percent(20) && table.kind === 'table' ? 'concurrently ' : '';
  return statement(`drop index ${concurrently}${tableName({ schema: table.schema, name: index.name })}`);
}
