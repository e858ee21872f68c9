/**
 * Type names: from the parser's spelling (`pg_catalog.int8`) to the one `format_type` shows (`bigint`), and to SQL.
 *
 * Guarantee: for built-in types the same text as the server's `format_type(oid, typmod)`, so that a type in a migration
 * can be compared with one read from a live catalog. A user's type keeps the qualification it was written with.
 */

import type { Node, TypeName } from '@pgsql/types';
import { quoteIdentifier } from './identifier.ts';

export { parseTypeText } from '../postgres/type-text.ts';

/** The fields of a type name, or the node around them. */
export type TypeNameNode = TypeName | { readonly TypeName: TypeName };

/** Internal names (`pg_type.typname`) that the grammar has words of its own for. */
const grammarSpelling: Readonly<Record<string, string>> = {
  bit: 'bit',
  bool: 'boolean',
  bpchar: 'character',
  float4: 'real',
  float8: 'double precision',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  interval: 'interval',
  json: 'json',
  numeric: 'numeric',
  time: 'time without time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  timetz: 'time with time zone',
  varbit: 'bit varying',
  varchar: 'character varying',
};

/** The integer behind each spelling of serial. */
export const serialTypes: Readonly<Record<string, 'smallint' | 'integer' | 'bigint'>> = {
  smallserial: 'smallint',
  serial2: 'smallint',
  serial: 'integer',
  serial4: 'integer',
  bigserial: 'bigint',
  serial8: 'bigint',
};

/** Masks of an interval's fields: INTERVAL_MASK in src/include/utils/timestamp.h, MONTH 1, YEAR 2, DAY 3, HOUR 10, … */
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

/** The type as `format_type` spells it. For `serial` the spelling is `serial`: ask `serialType` first. */
export function typeText(type: TypeNameNode): string {
  const { typeName, names, modifiers, prefix } = parts(type);
  const array = (typeName.arrayBounds ?? []).length > 0 ? '[]' : ''; // the server does not keep the bounds
  const [internal, ...rest] = names[0] === 'pg_catalog' ? names.slice(1) : names;
  if (typeName.pct_type === true || rest.length > 0 || internal === undefined || !isGrammarType(internal)) {
    const suffix = typeName.pct_type === true ? '%TYPE' : bracketed(modifiers);
    const visible = names[0] === 'pg_catalog' && names.length === 2 ? names.slice(1) : names;
    return prefix + visible.map(quoteIdentifier).join('.') + suffix + array;
  }
  // Without a length, `bit` would mean bit(1) and `character` character(1): format_type shows the type's own name.
  if (internal === 'bit' && modifiers.length === 0) return `${prefix}"bit"${array}`;
  if (internal === 'bpchar' && modifiers.length === 0) return `${prefix}bpchar${array}`;
  // The server keeps the scale, also where it is 0.
  const kept = internal === 'numeric' && modifiers.length === 1 ? [...modifiers, '0'] : modifiers;
  return prefix + withModifiers(internal, kept) + array;
}

/** SQL that parses to the very same type name, array bounds and qualification included. */
export function typeSql(type: TypeNameNode, modifierSql: (modifier: Node) => string): string {
  const { typeName, names, prefix } = parts(type);
  const modifiers = (typeName.typmods ?? []).map((node) => constantText(node) ?? modifierSql(node));
  const bounds = (typeName.arrayBounds ?? []).map((bound) => {
    const size = 'Integer' in bound ? (bound.Integer.ival ?? 0) : -1;
    return size === -1 ? '[]' : `[${size}]`;
  });
  if (typeName.pct_type === true) return `${prefix}${names.map(quoteIdentifier).join('.')}%TYPE${bounds.join('')}`;
  const [schema, internal = ''] = names;
  const needsLength = (internal === 'bit' || internal === 'bpchar') && modifiers.length === 0;
  if (names.length === 2 && schema === 'pg_catalog' && isGrammarType(internal) && !needsLength) {
    return prefix + withModifiers(internal, modifiers) + bounds.join('');
  }
  return prefix + names.map(quoteIdentifier).join('.') + bracketed(modifiers) + bounds.join('');
}

/** The integer type behind a serial pseudo-type; `null` for every other type. */
export function serialType(type: TypeNameNode): 'smallint' | 'integer' | 'bigint' | null {
  const { typeName, names } = parts(type);
  const [name] = names;
  // The server looks for the bare word only, before it looks for types: transformColumnDefinition in parse_utilcmd.c.
  if (names.length !== 1 || name === undefined || typeName.pct_type === true || !Object.hasOwn(serialTypes, name))
    return null;
  return serialTypes[name] ?? null;
}

function parts(type: TypeNameNode) {
  const typeName = 'TypeName' in type ? type.TypeName : type;
  return {
    typeName,
    names: stringsOf(typeName.names ?? []),
    modifiers: (typeName.typmods ?? []).map((node) => constantText(node) ?? wordText(node)),
    prefix: typeName.setof === true ? 'SETOF ' : '',
  };
}

function isGrammarType(internal: string): boolean {
  return Object.hasOwn(grammarSpelling, internal);
}

function withModifiers(internal: string, modifiers: readonly string[]): string {
  const spelling = grammarSpelling[internal] ?? internal;
  switch (internal) {
    case 'interval':
      return spelling + intervalModifiers(modifiers);
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return spelling.replace(/^\w+/, (word) => word + bracketed(modifiers));
    default:
      return spelling + bracketed(modifiers);
  }
}

function bracketed(modifiers: readonly string[]): string {
  return modifiers.length === 0 ? '' : `(${modifiers.join(',')})`;
}

/** The first modifier is the mask of fields (one that is not in the table stands for all), the second the precision. */
function intervalModifiers([mask, precision]: readonly string[]): string {
  const fields = intervalFields[Number(mask)];
  return (fields === undefined ? '' : ` ${fields}`) + (precision === undefined ? '' : `(${precision})`);
}

function constantText(node: Node): string | null {
  if (!('A_Const' in node)) return null;
  const { ival, fval, sval } = node.A_Const;
  if (sval !== undefined) return null;
  return fval?.fval ?? String(ival?.ival ?? 0); // the parser leaves out an integer that is 0
}

/** What is not a number: the words of an extension's type, `geometry(Point,4326)`. */
function wordText(node: Node): string {
  if ('A_Const' in node) return node.A_Const.sval?.sval ?? '';
  return 'ColumnRef' in node ? stringsOf(node.ColumnRef.fields ?? []).join('.') : '';
}

function stringsOf(nodes: readonly Node[]): readonly string[] {
  return nodes.flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}
