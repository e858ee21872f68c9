/**
 * Whether a generated column can be VIRTUAL: Postgres 18 takes only functions and types of its own for one. What is not
 * known counts as a person's own.
 */
import { resolveType } from '../catalog/lookup.ts';
import type { Catalog } from '../catalog/model.ts';
import { volatility } from '../postgres/volatility.ts';
import { parseExpression } from '../sql/parse.ts';
import { functionCalls } from '../sql/walk.ts';

export function canBeVirtual(type: string, expression: string, catalog: Catalog): boolean {
  const [name = '', schema = null] = type.split('.').toReversed();
  if (resolveType(catalog, { schema, name: name.replaceAll('"', '') }) !== null) return false;
  const calls = functionCalls(parseExpression(expression));
  return calls.every((call) => volatility(call.name, call.schema ?? null) !== 'unknown');
}
