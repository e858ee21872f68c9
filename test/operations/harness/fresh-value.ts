/** Values that nobody else writes: made from the column's type, an example and a number. */
import { createHash } from 'node:crypto';
import { resolveType } from '../../../src/catalog/lookup.ts';
import type { Catalog } from '../../../src/catalog/model.ts';

type TypeClass = 'number' | 'text' | 'uuid' | 'other';

const numberTypes = /^(smallint|integer|bigint|numeric|real|double precision)\b(?!.*\[\])/;
const textTypes = /^(text|character varying|character|citext|bpchar|name)\b(?!.*\[\])/;
/** In a text it may have to be valid for the other version's type. */
const uuidShape = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
/** Larger than what any number of three digits is in base 36, so that short texts begin with a letter. */
const lettersFirst = 10 * 36 * 36;

/** Of a domain: the class of what it is made of. */
export function typeClass(catalog: Catalog, type: string): TypeClass {
  const base = baseType(catalog, type);
  if (numberTypes.test(base)) return 'number';
  if (textTypes.test(base)) return 'text';
  return base === 'uuid' ? 'uuid' : 'other';
}

/** Null where the type has no values that could be told apart by a number. */
export function freshValue(catalog: Catalog, type: string, example: string | null, number: number): string | null {
  switch (typeClass(catalog, type)) {
    case 'number':
      return String(number);
    case 'text':
      if (example !== null && uuidShape.test(example)) return freshUuid(number);
      return freshText(example ?? 'v', number, lengthLimit(baseType(catalog, type)));
    case 'uuid':
      return freshUuid(number);
    case 'other':
      return null;
  }
}

function freshUuid(number: number): string {
  return createHash('md5')
    .update(String(number))
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Anything that the type accepts, where there is no row to take an example from; null where nothing is known. */
export function someValue(catalog: Catalog, type: string): string | null {
  const base = baseType(catalog, type);
  if (/^(json|jsonb)$/.test(base)) return '{}';
  if (base === 'boolean') return 'true';
  if (/^(date|timestamp)/.test(base)) return '2024-01-01';
  return namedType(catalog, type)?.labels[0] ?? null;
}

/** The example with another number in it, so that it keeps its shape (`user7@example.com`). */
function freshText(example: string, number: number, limit: number | null): string | null {
  const text = /\d/.test(example) ? example.replace(/\d+/, String(number)) : `${example}${number}`;
  if (limit === null || text.length <= limit) return text;
  const short = (number + lettersFirst).toString(36);
  return short.length <= limit ? short : null;
}

function lengthLimit(type: string): number | null {
  const [, limit] = /\((\d+)\)/.exec(type) ?? [];
  if (limit !== undefined) return Number(limit);
  return type === 'character' ? 1 : null;
}

function baseType(catalog: Catalog, type: string): string {
  const named = namedType(catalog, type);
  return named?.kind === 'domain' && named.baseType !== null ? baseType(catalog, named.baseType) : type;
}

function namedType(catalog: Catalog, type: string) {
  const [name, schema] = type
    .split('.')
    .map((part) => part.replaceAll('"', ''))
    .toReversed();
  return name === undefined ? null : resolveType(catalog, { schema, name });
}
