/**
 * Whether an expression can give different values for different rows of one statement. Unknown functions count as
 * volatile: a wrong guess in the other direction would rewrite a table under ACCESS EXCLUSIVE.
 */
import type { Node } from '@pgsql/types';
import type { Catalog } from '../../catalog/model.ts';
import { volatility } from '../../postgres/volatility.ts';
import { functionCalls } from '../../sql/walk.ts';

export type ExpressionVolatility = 'not volatile' | 'volatile' | 'unknown';

export function expressionVolatility(expression: Node, catalog: Catalog): ExpressionVolatility {
  let worst: ExpressionVolatility = 'not volatile';
  for (const call of functionCalls(expression)) {
    const builtIn = volatility(call.name, call.schema ?? undefined);
    const found = builtIn === 'unknown' ? ofUserFunction(catalog, call.name) : builtIn;
    if (found === 'volatile') return 'volatile';
    if (found === 'unknown') worst = 'unknown';
  }
  return worst;
}

/** All overloads must agree, because we do not resolve which one is called. */
function ofUserFunction(catalog: Catalog, name: string): 'volatile' | 'stable' | 'unknown' {
  const overloads = [...catalog.functions.values()].filter((candidate) => candidate.name === name);
  if (overloads.length === 0) return 'unknown';
  return overloads.every((candidate) => candidate.volatility !== 'volatile') ? 'stable' : 'volatile';
}
