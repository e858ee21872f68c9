/**
 * Who uses whole rows of a table as values of its row type: functions that take or return them, and columns of that type.
 * A row of a view in the table's place has a type of its own and is no such value.
 */
import type { Catalog, QualifiedName, Table } from '../../catalog/model.ts';
import { identifier, qualified } from '../../sql/template.ts';

/** For instance `function total(orders)`, `column archive.entry`. */
export function usersOfRowType(catalog: Catalog, table: Table): readonly string[] {
  const functions = [...catalog.functions.values()]
    .filter(({ argumentTypes, definition, schema }) => {
      const types = [...argumentTypes.split(', '), ...returnedTypes(definition)];
      return types.some((type) => isRowOf(type, table, schema));
    })
    .map(({ name, argumentTypes }) => `function ${name}(${argumentTypes})`);
  const columns = [...catalog.tables.values()].flatMap((other) =>
    other.columns
      .filter(({ type }) => isRowOf(type, table, other.schema))
      .map(({ name }) => `column ${other.name}.${name}`),
  );
  return [...functions, ...columns];
}

/** As pg_get_functiondef prints it, and as people write it. */
function returnedTypes(definition: string): readonly string[] {
  const match = /\breturns\s+(?:setof\s+)?((?:"(?:[^"]|"")+"|[^\s".(]+)(?:\.(?:"(?:[^"]|"")+"|[^\s".(]+))?)/i.exec(
    definition,
  );
  return match?.[1] === undefined ? [] : [match[1]];
}

/** Types are spelled with their schema where the search path of the moment does not lead to it. */
function isRowOf(type: string, table: QualifiedName, schema: string): boolean {
  const element = type.replace(/(\[\])+$/, '');
  if (element === qualified(table).text) return true;
  return element === identifier(table.name).text && (table.schema === 'public' || table.schema === schema);
}
