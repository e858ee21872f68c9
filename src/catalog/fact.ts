/**
 * What a catalog's facts are made of: a tree of labelled texts, in which two different values never read the same.
 */

import { qualifiedName, quoteIdentifier } from '../sql/identifier.ts';
import type { QualifiedName } from './model.ts';

/** An object, or one property of an object. */
export type Fact = {
  /** The value as text, null for none; an object's is what to show when the other catalog lacks it altogether. */
  readonly value: string | null;
  /** By label: `column email`, `default`. */
  readonly parts: ReadonlyMap<string, Fact>;
};

export type Parts = readonly (readonly [label: string, fact: Fact])[];

export function object(value: string, parts: Parts): Fact {
  return { value, parts: new Map(parts) };
}

const noParts: ReadonlyMap<string, Fact> = new Map();

export function text(value: string | null): Fact {
  return { value, parts: noParts };
}

export function flag(value: boolean): Fact {
  return text(value ? 'yes' : 'no');
}

export function number(value: number | null): Fact {
  return text(value === null ? null : String(value));
}

/** A value with a comma in it is quoted, so that two values and one differ. */
export function list(values: readonly string[]): Fact {
  const shown = values.map((value) => (/[,"]/.test(value) ? JSON.stringify(value) : value));
  return text(values.length === 0 ? null : shown.join(', '));
}

/** Quoted, so that two names and one name with a comma in it differ. */
export function names(values: readonly string[]): Fact {
  return text(
    values.length === 0 ? null : values.map((value) => (value === '' ? '""' : quoteIdentifier(value))).join(', '),
  );
}

export function optional<T>(label: string, value: T | null, describe: (value: T) => Fact): Parts {
  return value === null ? [] : [[label, describe(value)]];
}

export function named<T extends { readonly name: string }>(
  kind: string,
  items: Iterable<T>,
  describe: (item: T) => Fact,
): Parts {
  return [...items].map((item) => [`${kind} ${quoteIdentifier(item.name)}`, describe(item)]);
}

export function qualified<T extends QualifiedName>(
  kind: string,
  items: Iterable<T>,
  describe: (item: T) => Fact,
): Parts {
  return [...items].map((item) => [`${kind} ${qualifiedName(item)}`, describe(item)]);
}
