/** Which functions a batch may call. */
import type { Catalog } from '../../catalog/model.ts';
import { volatility } from '../../postgres/volatility.ts';
import { functionCalls, visit, type FunctionReference } from '../../sql/walk.ts';

/** Give every row a value of its own, whichever order the rows come in. */
const valuePerRow: ReadonlySet<string> = new Set([
  'gen_random_uuid',
  'uuid_generate_v4',
  'random',
  'clock_timestamp',
  'nextval',
  'uuidv7',
  'uuidv4',
]);

/** Stable, and yet they read tables: whichever their argument names. */
const tableReaders: ReadonlySet<string> = new Set([
  'database_to_xml',
  'database_to_xml_and_xmlschema',
  'schema_to_xml',
  'schema_to_xml_and_xmlschema',
  'table_to_xml',
  'table_to_xml_and_xmlschema',
]);

/**
 * Why a call in these trees cannot stand in a batch, or null. `row`: the expressions of the row, without their
 * sub-queries; `query`: the sub-queries of these trees, where a function may be called once for the whole statement.
 */
export function unsafeCall(trees: readonly unknown[], where: 'row' | 'query', catalog: Catalog): string | null {
  for (const call of where === 'row' ? callsOutsideQueries(trees) : callsInQueries(trees)) {
    const builtIn = volatility(call.name, call.schema);
    if (builtIn === 'volatile' || valuePerRow.has(call.name)) {
      if (where === 'row' && valuePerRow.has(call.name)) continue;
      return `${call.name}() can give another value each time it is asked`;
    }
    const isHarmless = builtIn === 'unknown' ? isImmutable(call.name, catalog) : !tableReaders.has(call.name);
    if (!isHarmless) return `${call.name}() may read or change other rows`;
  }
  return null;
}

/** All overloads must be, because we do not resolve which one is called. */
function isImmutable(name: string, catalog: Catalog): boolean {
  const overloads = [...catalog.functions.values()].filter((candidate) => candidate.name === name);
  return overloads.length > 0 && overloads.every((each) => each.kind === 'function' && each.volatility === 'immutable');
}

const queryTags: ReadonlySet<string> = new Set(['SubLink', 'SelectStmt', 'RangeFunction']);

function callsOutsideQueries(trees: readonly unknown[]): readonly FunctionReference[] {
  const found: FunctionReference[] = [];
  visit(trees, (tag, fields) => {
    if (queryTags.has(tag)) return false;
    if (tag === 'FuncCall') found.push(...ownCall(fields));
    return true;
  });
  return found;
}

function callsInQueries(trees: readonly unknown[]): readonly FunctionReference[] {
  const found: FunctionReference[] = [];
  visit(trees, (tag, _fields, node) => {
    if (!queryTags.has(tag)) return true;
    found.push(...functionCalls(node));
    return false;
  });
  return found;
}

/** The call itself; its arguments are visited after it. */
function ownCall(fields: Readonly<Record<string, unknown>>): readonly FunctionReference[] {
  return functionCalls({ FuncCall: { ...fields, args: [] } });
}
