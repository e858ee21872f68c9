/** Changes of rows. */
import { quoteIdentifier } from '../../../../src/sql/identifier.ts';
import { statement, type Statement } from '../generated-case.ts';
import { bareType } from '../values.ts';
import { isReferenced, tableName, type World } from '../world.ts';
import { someColumn } from './columns.ts';

export function updateRows(world: World): Statement | null {
  const { draw } = world;
  const found = someColumn(
    world,
    ({ name, generated, identity }, table) =>
      !generated && !identity && !table.partitioning.includes(name) && !isBound(name, table),
  );
  if (found === null) return null;
  const { table, column } = found;
  const name = quoteIdentifier(column.name);
  const toText = column.type.family === 'text' && draw.percent(50);
  const value = toText ? `upper(${name})` : `(${column.type.repeated('1')})::${bareType(column.type)}`;
  const onlyEmpty = draw.percent(50);
  if (!toText) {
    column.distinct &&= onlyEmpty && !column.nulls;
    column.nulls = false;
  }
  column.value = null;
  return {
    ...statement(`update ${tableName(table)} set ${name} = ${value}${onlyEmpty ? ` where ${name} is null` : ''}`),
    keeps: column.origin,
  };
}

export function deleteRows(world: World): Statement | null {
  const { draw } = world;
  const found = someColumn(
    world,
    ({ nulls }, table) =>
      nulls &&
      !isReferenced(
        world,
        table,
        table.columns.map(({ name }) => name),
      ),
  );
  if (found === null || !draw.percent(50)) return null;
  const { table, column } = found;
  column.nulls = column.notNull;
  return statement(`delete from ${tableName(table)} where ${quoteIdentifier(column.name)} is null`);
}

function isBound(
  name: string,
  { constraints, indexes }: { readonly constraints: readonly Over[]; readonly indexes: readonly Over[] },
): boolean {
  return [...constraints, ...indexes].some(({ columns }) => columns.includes(name));
}

type Over = { readonly columns: readonly string[] };
