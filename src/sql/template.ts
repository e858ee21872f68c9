/**
 * The `sql` tag: the only way in which this project puts SQL together.
 *
 * Guarantee: a plain string cannot get into a statement: it must be said whether it is a name, a constant or SQL. The
 * type checker refuses a bare string; so does the code at run time, for callers without types.
 */

import { MigrateError } from '../errors.ts';
import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier.ts';
import type { QualifiedName } from './identifier.ts';

const isFragment: unique symbol = Symbol('onward.SqlFragment');

/** A piece of SQL whose text is safe to put beside other SQL. */
export interface SqlFragment {
  readonly [isFragment]: true;
  readonly text: string;
}

/**
 * @example
 * ```ts
 * sql`ALTER TABLE ${qualified(table)} ADD COLUMN ${identifier(column)} ${raw(type)}`.text
 * ```
 */
export function sql(strings: TemplateStringsArray, ...fragments: readonly SqlFragment[]): SqlFragment {
  let text = strings[0] ?? '';
  for (const [index, part] of fragments.entries()) text += textOf(part) + (strings[index + 1] ?? '');
  return fragment(text);
}

/** A name, quoted where it needs it. */
export function identifier(name: string): SqlFragment {
  return fragment(quoteIdentifier(name));
}

/** A name with its schema, if it has one. */
export function qualified(name: QualifiedName): SqlFragment {
  return fragment(qualifiedName(name));
}

/** A constant. A number must be finite; one below zero is put in parentheses, so that `-` never meets an operator. */
export function literal(value: string | number | boolean | null): SqlFragment {
  if (value === null) return fragment('NULL');
  if (typeof value === 'string') return fragment(quoteLiteral(value));
  if (typeof value === 'boolean') return fragment(value ? 'true' : 'false');
  if (!Number.isFinite(value)) throw new MigrateError('INTERNAL', `${value} is not a number that SQL can spell.`);
  return fragment(value < 0 ? `(${value})` : String(value));
}

/** SQL that was parsed, emitted by the parser's tree, or is constant in our own source. Never a person's text. */
export function raw(text: string): SqlFragment {
  return fragment(text);
}

/** The fragments with `separator` (", " by default) between them. */
export function join(fragments: readonly SqlFragment[], separator = ', '): SqlFragment {
  return fragment(fragments.map(textOf).join(separator));
}

function fragment(text: string): SqlFragment {
  return Object.freeze({ [isFragment]: true as const, text });
}

function textOf(part: SqlFragment): string {
  // A caller without types can still pass a string: that must fail, not be concatenated.
  const given: unknown = part;
  if (typeof given !== 'object' || given === null || !(isFragment in given)) {
    throw new MigrateError('INTERNAL', `The sql tag was given ${JSON.stringify(given)}, which is not a fragment.`);
  }
  return part.text;
}
