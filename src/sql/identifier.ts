/**
 * Quoting: names, constants and bodies as the server would quote them.
 *
 * Guarantee: the result means the given text on every server, whatever `standard_conforming_strings` says, and cannot
 * end early: nothing a person typed becomes SQL by accident. Same spelling as `quote_ident` and `quote_literal`.
 */

import { MigrateError } from '../errors.ts';
import { isKeywordThatNeedsQuotes } from '../postgres/keywords.ts';

export interface QualifiedName {
  /** `null` or absent: found through the search path. */
  readonly schema?: string | null | undefined;
  readonly name: string;
}

/** The name as an SQL identifier; in quotes only where it needs them. */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) {
    throw new MigrateError('INTERNAL', `A name in Postgres is neither empty nor has it a NUL: ${JSON.stringify(name)}`);
  }
  if (/^[a-z_][a-z0-9_]*$/.test(name) && !isKeywordThatNeedsQuotes(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}

/** The text as an SQL string constant; with a backslash in it as E'…', which means the same under every setting. */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw new MigrateError('INTERNAL', 'A string in Postgres cannot hold a NUL.');
  const doubled = text.replaceAll("'", "''");
  return text.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}

/** `schema.name`, or the name alone where no schema is given. */
export function qualifiedName({ schema, name }: QualifiedName): string {
  if (schema === undefined || schema === null) return quoteIdentifier(name);
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/**
 * The body in dollar quotes. `seed` names the tag, so that the same input gives the same text; a number is added when
 * the body happens to contain that tag.
 */
export function dollarQuote(body: string, seed: string): string {
  const base = seed.replaceAll(/[^a-z0-9_]/gi, '_').replace(/^(?=[0-9])/, '_');
  let tag = base;
  // The body must not contain the closing tag, nor end in the middle of one ("…$base" before "$base$").
  for (let n = 1; `${body}$`.includes(`$${tag}$`); n += 1) tag = `${base}_${n}`;
  return `$${tag}$${body}$${tag}$`;
}
