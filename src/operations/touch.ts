/**
 * Keys for what a change reads and writes. Two keys meet when they are equal or one is inside the other: a table covers
 * its columns, constraints, indexes and rows; `everything` meets all.
 */
import type { Catalog } from '../catalog/model.ts';
import { resolveName } from '../catalog/lookup.ts';
import type { RelationName } from './change.ts';
import type { Touches } from './operation.ts';

/** Separates the levels of a key; cannot stand in a Postgres name. */
const level = '\u0000';

const everything = '*';

export const touchesEverything: Touches = { reads: [everything], writes: [everything] };

function key(...parts: readonly string[]): string {
  return parts.join(level);
}

function path(catalog: Catalog, name: RelationName): string {
  const full = resolveName(catalog, name);
  return key(full.schema, full.name);
}

/** A table, view, sequence, index or type: they share one name space as far as order is concerned. */
export function touchRelation(catalog: Catalog, name: RelationName): string {
  return path(catalog, name);
}

/** A type as format_type spells it: `shop."Status"[]`, `numeric(10,2)`. Nothing ever writes a built-in one. */
export function touchType(catalog: Catalog, spelled: string): string {
  const [, schema, name = spelled] = /^(?:("(?:[^"]|"")+"|[^".([]+)\.)?("(?:[^"]|"")+"|[^".([]+)/.exec(spelled) ?? [];
  const bare = (part: string) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part);
  return touchRelation(catalog, { schema: schema === undefined ? null : bare(schema), name: bare(name) });
}

export function touchColumn(catalog: Catalog, table: RelationName, column: string): string {
  return key(path(catalog, table), 'column', column);
}

/** Which indexes there are over a column: as long as there are any, a new type may mean to build them anew. */
export function touchIndexing(catalog: Catalog, table: RelationName, column: string): string {
  return key(path(catalog, table), 'indexing', column);
}

/** Which values a column may have, by the rules over it. */
export function touchValues(catalog: Catalog, table: RelationName, column: string): string {
  return key(path(catalog, table), 'values', column);
}

/** Which foreign keys refer to the rows of a table. */
export function touchReferred(catalog: Catalog, table: RelationName): string {
  return key(path(catalog, table), 'referred');
}

export function touchConstraint(catalog: Catalog, table: RelationName, constraint: string): string {
  return key(path(catalog, table), 'constraint', constraint);
}

/** That there is such an object; what is inside it may change meanwhile. */
export function touchExistence(catalog: Catalog, name: RelationName): string {
  return key(path(catalog, name), 'existence');
}

/** Which constraint is the primary key: there is place for one. */
export function touchPrimaryKey(catalog: Catalog, table: RelationName): string {
  return key(path(catalog, table), 'primary key');
}

const rowsSuffix = `${level}rows`;

/** The rows of a table, as opposed to its shape. */
export function touchRows(catalog: Catalog, table: RelationName): string {
  return key(path(catalog, table), 'rows');
}

export function touchSchema(schema: string): string {
  return schema;
}

/** What new tables, views and the like are granted from the beginning: who makes one reads it. */
export const touchDefaultPrivileges = key('', 'default privileges');

function meets(a: string, b: string): boolean {
  return a === everything || b === everything || a === b || a.startsWith(b + level) || b.startsWith(a + level);
}

/**
 * Whether the second change, as far as it writes, cannot come before the first. A constraint that reads rows to check
 * them is no reason for later data statements to wait for it: it holds for the rows as they are when it is validated.
 */
export function overwrites(second: Touches, first: Touches): boolean {
  const kept = first.reads.filter((key) => !key.endsWith(rowsSuffix));
  return met(first.writes, second.writes) || met(kept, second.writes);
}

/** True when the order of the two cannot be changed: one writes what the other reads or writes. */
export function conflict(first: Touches, second: Touches): boolean {
  return met(first.writes, second.reads) || overwrites(second, first);
}

/** True when one of the left meets one of the right. */
export function met(left: readonly string[], right: readonly string[]): boolean {
  return left.some((a) => right.some((b) => meets(a, b)));
}
