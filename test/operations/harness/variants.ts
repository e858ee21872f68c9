/**
 * What the tables are like on which the cases try a kind of change: names, keys, partitions, what depends on them. Read from
 * the cases themselves, by folding what is `given`, so that a hole in the table is a hole in the cases.
 */
import { childrenOf, primaryKey, resolveTable, sameName } from '../../../src/catalog/lookup.ts';
import { emptyCatalog, type Catalog, type Table } from '../../../src/catalog/model.ts';
import type { ChangeKind } from '../../../src/operations/change.ts';
import { applyChange, decodeStatement } from '../../../src/operations/index.ts';
import { familyOf } from '../../../src/operations/pieces/table-family.ts';
import { tablesOf } from '../../../src/plan/tables-of.ts';
import { parseStatements } from '../../../src/sql/parse.ts';
import { newestVersion, type OperationCase } from './case-file.ts';

/** The table of the change, and what is written above it: some things no folded catalog tells. */
type Subject = { readonly table: Table; readonly catalog: Catalog; readonly given: readonly string[] };

type Variant = { readonly code: string; readonly what: string; readonly holds: (subject: Subject) => boolean };

export const variants: readonly Variant[] = [
  {
    code: 'qu',
    what: 'names that must be quoted',
    holds: ({ table }) => namesOf(table).some((n) => /[^a-z0-9_]/.test(n)),
  },
  { code: '63', what: 'names of 60 to 63 bytes', holds: ({ table }) => namesOf(table).some((n) => n.length >= 60) },
  { code: 'sc', what: 'off the search path', holds: ({ table }) => table.schema !== 'public' },
  { code: 'co', what: 'composite key', holds: ({ table }) => keyTypes(table).length > 1 },
  { code: 'uu', what: 'uuid key', holds: ({ table }) => keyTypes(table).includes('uuid') },
  { code: 'te', what: 'text key', holds: ({ table }) => keyTypes(table).includes('text') },
  { code: 'ti', what: 'timestamptz key', holds: ({ table }) => keyTypes(table).includes('timestamp with time zone') },
  { code: 'no', what: 'no key', holds: ({ table }) => keyTypes(table).length === 0 },
  { code: 'pa', what: 'partitioned', holds: ({ table }) => table.kind === 'partitioned' },
  { code: 'pp', what: 'partitions of partitions', holds: ({ table, catalog }) => hasLevels(table, catalog) },
  { code: 'in', what: 'inheritance', holds: ({ table, catalog }) => inheritsOrHasHeirs(table, catalog) },
  { code: 'un', what: 'unlogged', holds: ({ table }) => table.persistence === 'unlogged' },
  {
    code: 'fo',
    what: 'foreign',
    holds: ({ table, catalog }) => familyOf(catalog, table).some((t) => t.kind === 'foreign'),
  },
  {
    code: 'ge',
    what: 'generated or identity column',
    holds: ({ table }) => table.columns.some((c) => c.generated !== null || c.identity !== null),
  },
  { code: 'ty', what: 'column of an enum or a domain', holds: ({ table, catalog }) => hasOwnType(table, catalog) },
  { code: 'vi', what: 'under a view', holds: ({ table, given }) => isRead(table, given, 'view') },
  {
    code: 'mv',
    what: 'under a materialized view',
    holds: ({ table, given }) => isRead(table, given, 'materialized view'),
  },
  {
    code: 'po',
    what: 'policy or rule',
    holds: ({ table, given }) => stands(table, given, 'create\\s+(policy|(or\\s+replace\\s+)?rule)'),
  },
  { code: 'pu', what: 'published', holds: ({ table, given }) => stands(table, given, 'create\\s+publication') },
  {
    code: 'st',
    what: 'extended statistics',
    holds: ({ table, given }) => stands(table, given, 'create\\s+statistics'),
  },
  { code: 'tr', what: 'triggers', holds: ({ table }) => table.triggers.length > 0 },
  {
    code: 'sq',
    what: 'used in an SQL body (BEGIN ATOMIC)',
    holds: ({ table, given }) => isRead(table, given, 'function'),
  },
  { code: 'nd', what: 'NULLS NOT DISTINCT', holds: ({ table }) => table.indexes.some((i) => i.nullsNotDistinct) },
  {
    code: 'ex',
    what: 'exclusion or deferrable constraint',
    holds: ({ table }) => table.constraints.some((c) => c.kind === 'exclusion' || c.deferrable),
  },
  {
    code: 'se',
    what: 'refers to itself',
    holds: ({ table }) => table.constraints.some((c) => c.references !== null && sameName(c.references.table, table)),
  },
];

export type VariantCounts = ReadonlyMap<ChangeKind, ReadonlyMap<string, number>>;

/** How many cases try each kind of change on each variant; under `all`, how many try it at all. */
export function countVariants(cases: readonly OperationCase[]): VariantCounts {
  const counts = new Map<ChangeKind, Map<string, number>>();
  for (const operationCase of cases) {
    for (const [kind, codes] of variantsOf(operationCase)) {
      const ofKind = counts.get(kind) ?? new Map<string, number>();
      counts.set(kind, ofKind);
      for (const code of ['all', ...codes]) ofKind.set(code, (ofKind.get(code) ?? 0) + 1);
    }
  }
  return counts;
}

function variantsOf({ given, changes }: OperationCase): ReadonlyMap<ChangeKind, ReadonlySet<string>> {
  const found = new Map<ChangeKind, Set<string>>();
  const before = parseStatements(given);
  const texts = before.map(({ text }) => text);
  let catalog = before.flatMap(decodeStatement).reduce(applyChange, emptyCatalog(newestVersion));
  for (const change of changes.flatMap((text) => parseStatements(text).flatMap(decodeStatement))) {
    const codes = found.get(change.kind) ?? new Set<string>();
    found.set(change.kind, codes);
    for (const name of tablesOf(change, catalog)) {
      const table = resolveTable(catalog, name);
      if (table === null) continue;
      for (const { code, holds } of variants) if (holds({ table, catalog, given: texts })) codes.add(code);
    }
    catalog = applyChange(catalog, change);
  }
  return found;
}

/** A line of each kind that is tried on tables, with a column of each variant; then what the columns are, and the others. */
export function variantsTable(counts: VariantCounts): string {
  const kinds = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const isOnTables = ([, ofKind]: (typeof kinds)[number]): boolean => ofKind.size > 1;
  const rows = kinds.filter(isOnTables).map(([kind, ofKind]) =>
    line(
      kind,
      ['all', ...codes].map((code) => String(ofKind.get(code) ?? '·')),
    ),
  );
  const others = kinds.filter((each) => !isOnTables(each)).map(([kind, ofKind]) => `${kind} ${ofKind.get('all')}`);
  const legend = variants.map(({ code, what }) => `${code} ${what}`);
  return [line('', ['all', ...codes]), ...rows, '', ...inColumns(legend, 2), '', ...inColumns(others, 4)].join('\n');
}

const codes: readonly string[] = variants.map(({ code }) => code);

const widestKind = 19;

function line(kind: string, cells: readonly string[]): string {
  return `${kind.padEnd(widestKind)}${cells.map((cell, at) => cell.padStart(at === 0 ? 4 : 3)).join('')}`;
}

function inColumns(items: readonly string[], count: number): readonly string[] {
  const height = Math.ceil(items.length / count);
  return items.slice(0, height).map((_, row) =>
    Array.from({ length: count }, (__, column) => (items[row + column * height] ?? '').padEnd(96 / count))
      .join('')
      .trimEnd(),
  );
}

function namesOf(table: Table): readonly string[] {
  return [table.name, table.schema, ...table.columns.map(({ name }) => name)];
}

function keyTypes(table: Table): readonly string[] {
  const columns = primaryKey(table)?.columns ?? [];
  return table.columns.filter(({ name }) => columns.includes(name)).map(({ type }) => type);
}

function hasLevels(table: Table, catalog: Catalog): boolean {
  return table.kind === 'partitioned' && childrenOf(catalog, table).some(({ kind }) => kind === 'partitioned');
}

function inheritsOrHasHeirs(table: Table, catalog: Catalog): boolean {
  return table.inherits.length > 0 || childrenOf(catalog, table).some(({ partitionOf }) => partitionOf === null);
}

function hasOwnType(table: Table, catalog: Catalog): boolean {
  const own = [...catalog.types.values()].filter(({ kind }) => kind === 'enum' || kind === 'domain');
  return table.columns.some(({ type }) => own.some(({ name }) => type.includes(name)));
}

/** A statement that begins so names the table. */
function stands(table: Table, given: readonly string[], beginning: string): boolean {
  const begins = new RegExp(`^${beginning}\\b`, 'i');
  return given.some((text) => begins.test(text) && mentions(text, table));
}

function isRead(table: Table, given: readonly string[], by: 'view' | 'materialized view' | 'function'): boolean {
  if (by !== 'function') return stands(table, given, `create\\s+(or\\s+replace\\s+)?${by.replace(' ', '\\s+')}`);
  const begins = /^create\b.*\bfunction\b.*\bbegin\s+atomic\b/is;
  return given.some((text) => begins.test(text) && mentions(text, table));
}

function mentions(text: string, { name }: Table): boolean {
  return text.includes(`"${name}"`) || new RegExp(`(?<![\\w"])${name.replaceAll(/\W/g, '\\$&')}(?![\\w"])`).test(text);
}
