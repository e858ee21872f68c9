/**
 * A default as the server keeps it: a bare string becomes a constant of the column's type when the default is set. Under
 * another type it would be read anew, and `'new'::text` is not the same as `'new'::varchar`.
 */
import { parseExpression } from '../../sql/parse.ts';
import { raw, sql } from '../../sql/template.ts';

export function storedDefault(expression: string | null, type: string): string | null {
  if (expression === null) return null;
  const node = parseExpression(expression);
  if (!('A_Const' in node) || node.A_Const.sval === undefined) return expression;
  return sql`${raw(expression)}::${raw(withoutModifier(type))}`.text;
}

/** `character varying(20)` becomes `character varying`: the length belongs to the column. */
function withoutModifier(type: string): string {
  const bare = type.replace(/\(\d+(,-?\d+)?\)/, '');
  // In SQL these two alone mean a length of 1.
  return bare.replace(/^character(?! varying)/, 'bpchar').replace(/^bit(?! varying)/, '"bit"');
}
