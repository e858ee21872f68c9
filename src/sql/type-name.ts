/**
 * Type names: from the parser's spelling (`pg_catalog.int8`) to the one `format_type` shows (`bigint`), and apart.
 *
 * Guarantee: for built-in types the same text as the server's `format_type(oid, typmod)`, so that a type in a migration
 * can be compared with one read from a live catalog. A user's type keeps the qualification it was written with.
 */

import type { TypeName, Node } from '@pgsql/types';
import { quoteIdentifier } from './identifier.ts';

export { parseTypeText } from '../postgres/type-text.ts';
export type { ParsedType } from '../postgres/type-text.ts';

/** Internal names (`pg_type.typname`) whose SQL spelling differs; the rest are spelled as they are. */
const sqlSpelling: Readonly<Record<string, string>> = {
  bit: 'bit',
  bool: 'boolean',
  bpchar: 'character',
  char: '"char"',
  float4: 'real',
  float8: 'double precision',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  interval: 'interval',
  numeric: 'numeric',
  time: 'time without time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  timetz: 'time with time zone',
  varbit: 'bit varying',
  varchar: 'character varying',
};

const serialTypes: Readonly<Record<string, 'smallint' | 'integer' | 'bigint'>> = {
  smallserial: 'smallint',
  serial2: 'smallint',
  serial: 'integer',
  serial4: 'integer',
  bigserial: 'bigint',
  serial8: 'bigint',
};

/** Masks of an interval's fields (src/include/utils/timestamp.h: INTERVAL_MASK of YEAR 2, MONTH 1, DAY 3, HOUR 10, …). */
const intervalFields: Readonly<Record<number, string>> = {
  4: 'year',
  2: 'month',
  8: 'day',
  1024: 'hour',
  2048: 'minute',
  4096: 'second',
  6: 'year to month',
  1032: 'day to hour',
  3080: 'day to minute',
  7176: 'day to second',
  3072: 'hour to minute',
  7168: 'hour to second',
  6144: 'minute to second',
};
const fullIntervalRange = 0x7fff;

/** The type as `format_type` spells it. For `serial` the spelling is `serial`: ask `serialType` first. */
export function typeText(type: TypeName | { readonly TypeName: TypeName }): string {
  const typeName = 'TypeName' in type ? type.TypeName : type;
  const names = stringsOf(typeName.names ?? []);
  const modifiers = typeName.typmods ?? [];
  const setOf = typeName.setof === true ? 'SETOF ' : '';
  const array = (typeName.arrayBounds ?? []).length > 0 ? '[]' : '';
  if (typeName.pct_type === true) return `${setOf}${names.map(quoteIdentifier).join('.')}%TYPE${array}`;
  return setOf + scalarText(names, modifiers) + array;
}

/** The integer type behind a serial pseudo-type; `null` for every other type. */
export function serialType(type: TypeName | { readonly TypeName: TypeName }): 'smallint' | 'integer' | 'bigint' | null {
  const typeName = 'TypeName' in type ? type.TypeName : type;
  const names = stringsOf(typeName.names ?? []);
  const [name] = names;
  // Only the unqualified word is special: the server looks for it before it looks for types (parse_utilcmd.c).
  if (names.length !== 1 || name === undefined || !Object.hasOwn(serialTypes, name)) return null;
  return serialTypes[name] ?? null;
}

function scalarText(names: readonly string[], modifiers: readonly Node[]): string {
  const [first, second] = names;
  const builtIn = names.length === 2 && first === 'pg_catalog' ? second : names.length === 1 ? first : undefined;
  if (builtIn === undefined || !Object.hasOwn(sqlSpelling, builtIn) || (names.length === 1 && builtIn === 'char')) {
    const written = first === 'pg_catalog' && names.length === 2 ? names.slice(1) : names;
    return written.map(quoteIdentifier).join('.') + bracketed(modifiers);
  }
  const spelling = sqlSpelling[builtIn] ?? builtIn;
  switch (builtIn) {
    case 'interval':
      return spelling + intervalModifiers(modifiers);
    case 'bit': // format_type(1560, -1): without a length `bit` would mean bit(1), so the server quotes it
      return modifiers.length === 0 ? '"bit"' : spelling + bracketed(modifiers);
    case 'bpchar': // likewise: `character` would mean character(1)
      return modifiers.length === 0 ? 'bpchar' : spelling + bracketed(modifiers);
    case 'numeric': // the server keeps the scale, also where it is 0
      return spelling + (modifiers.length === 1 ? bracketed(modifiers).replace(')', ',0)') : bracketed(modifiers));
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return spelling.replace(/^\w+/, (word) => word + bracketed(modifiers));
    default:
      return spelling + bracketed(modifiers);
  }
}

function bracketed(modifiers: readonly Node[]): string {
  return modifiers.length === 0 ? '' : `(${modifiers.map(modifierText).join(',')})`;
}

/** The first modifier is the mask of fields, the second the precision. */
function intervalModifiers(modifiers: readonly Node[]): string {
  const [mask, precision] = modifiers.map((node) => Number(modifierText(node)));
  const fields = mask === undefined || mask === fullIntervalRange ? '' : ` ${intervalFields[mask] ?? ''}`;
  return fields + (precision === undefined ? '' : `(${precision})`);
}

function modifierText(node: Node): string {
  if ('A_Const' in node) {
    const { ival, fval, sval } = node.A_Const;
    if (sval !== undefined) return sval.sval ?? '';
    return fval?.fval ?? String(ival?.ival ?? 0); // the parser leaves out an integer that is 0
  }
  // PostGIS writes words: geometry(Point,4326)
  if ('ColumnRef' in node) return stringsOf(node.ColumnRef.fields ?? []).join('.');
  if ('A_Expr' in node && node.A_Expr.rexpr !== undefined) return `-${modifierText(node.A_Expr.rexpr)}`;
  return '?';
}

function stringsOf(nodes: readonly Node[]): readonly string[] {
  return nodes.flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}
