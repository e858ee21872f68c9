/**
 * The spelling of types in the catalog. A column's type stands there as format_type prints it when the search path is empty:
 * a type that somebody made with its schema, whatever was written.
 */
import { qualifiedName } from '../sql/identifier.ts';
import { resolveType } from './lookup.ts';
import type { Catalog } from './model.ts';

const named = /^(?:("(?:[^"]|"")+"|[^".([\s]+)\.)?("(?:[^"]|"")+"|[^".([\s]+)(.*)$/s;

/**
 * @example
 * typeInCatalog(catalog, 'mood[]') // 'public.mood[]', where the search path finds public.mood
 */
export function typeInCatalog(catalog: Catalog, written: string): string {
  const [, schema, name = written, rest = ''] = named.exec(written) ?? [];
  const found = resolveType(catalog, { schema: schema === undefined ? null : bare(schema), name: bare(name) });
  return found === null ? written : qualifiedName(found) + rest;
}

function bare(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
}
