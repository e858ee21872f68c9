/** What stands on tables: views, triggers, policies, statistics; and types. */
import { quoteIdentifier } from '../../../../src/sql/identifier.ts';
import { statement, type Statement } from '../generated-case.ts';
import { columnNames, newName, tableName, type World, type WorldTable } from '../world.ts';
import { alter } from './columns.ts';

export function createView(world: World): Statement | null {
  const { draw, tables, views } = world;
  const table = draw.maybe(tables);
  if (table === null) return null;
  const columns = draw.some(table.columns, 3);
  for (const column of columns) column.used = true;
  const view = { name: newName(world, 'view'), materialized: draw.percent(25), table };
  views.push(view);
  const kind = view.materialized ? 'materialized view' : 'view';
  const list = columnNames(columns.map(({ name }) => name));
  return statement(`create ${kind} ${quoteIdentifier(view.name)} as select ${list} from ${tableName(table)}`);
}

export function dropView({ draw, views }: World): Statement | null {
  const view = draw.maybe(views);
  if (view === null) return null;
  views.splice(views.indexOf(view), 1);
  for (const column of view.table.columns) column.used = false;
  return statement(`drop ${view.materialized ? 'materialized view' : 'view'} ${quoteIdentifier(view.name)}`);
}

/** One function, and a trigger with it each time. */
export function createFunction(world: World): Statement | null {
  if (world.functions.length > 1) return null;
  const name = newName(world, 'watch');
  world.functions.push(name);
  return statement(
    `create function ${quoteIdentifier(name)}() returns trigger language plpgsql as $$ begin return new; end $$`,
  );
}

export function createTrigger(world: World): Statement | null {
  const { draw, tables, functions } = world;
  const table = draw.maybe(tables);
  const called = draw.maybe(functions);
  if (table === null || called === null) return null;
  const name = newName(world, 'trig');
  const column = draw.percent(25) ? draw.maybe(table.columns) : null;
  if (column !== null) column.used = true;
  table.triggers.push(name);
  const timing = draw.percent(50) ? 'before' : 'after';
  const events = column === null ? 'insert or update' : `update of ${quoteIdentifier(column.name)}`;
  return statement(
    `create trigger ${quoteIdentifier(name)} ${timing} ${events} on ${tableName(table)} for each row execute function ${quoteIdentifier(called)}()`,
  );
}

export function dropTrigger(world: World): Statement | null {
  const found = some(world, ({ triggers }) => triggers);
  if (found === null) return null;
  const { table, name } = found;
  table.triggers = table.triggers.filter((each) => each !== name);
  return statement(`drop trigger ${quoteIdentifier(name)} on ${tableName(table)}`);
}

export function createPolicy(world: World): Statement | null {
  const { draw, tables } = world;
  const table = draw.maybe(tables);
  const column = table === null ? null : draw.maybe(table.columns.filter(({ generated }) => !generated));
  if (table === null || column === null) return null;
  const name = newName(world, 'pol');
  table.policies.push(name);
  column.used = true;
  return statement(
    `create policy ${quoteIdentifier(name)} on ${tableName(table)} using (${quoteIdentifier(column.name)} is not null)`,
  );
}

export function dropPolicy(world: World): Statement | null {
  const found = some(world, ({ policies }) => policies);
  if (found === null) return null;
  const { table, name } = found;
  table.policies = table.policies.filter((each) => each !== name);
  return statement(`drop policy ${quoteIdentifier(name)} on ${tableName(table)}`);
}

export function createStatistics(world: World): Statement | null {
  const { draw, tables } = world;
  const table = draw.maybe(tables);
  const columns = table?.columns.filter(({ type, generated }) => type.family !== 'json' && !generated) ?? [];
  if (table === null || columns.length < 2) return null;
  const chosen = columnNames(columns.slice(0, 2).map(({ name }) => name));
  return statement(
    `create statistics ${quoteIdentifier(newName(world, 'stat'))} on ${chosen} from ${tableName(table)}`,
  );
}

export function addEnumValue(world: World): Statement | null {
  const found = world.draw.maybe(world.enums);
  if (found === null) return null;
  const label = `label ${found.labels.length}`;
  const place = world.draw.percent(40) ? ` before '${found.labels[0]}'` : '';
  found.labels.push(label);
  return statement(`alter type ${found.name} add value '${label}'${place}`);
}

export function rowSecurity(world: World): Statement | null {
  const table = world.draw.maybe(world.tables);
  return table === null ? null : alter(table, 'enable row level security');
}

function some(
  { draw, tables }: World,
  of: (table: WorldTable) => readonly string[],
): { readonly table: WorldTable; readonly name: string } | null {
  return draw.maybe(tables.flatMap((table) => of(table).map((name) => ({ table, name }))));
}
