/**
 * The tables, views, indexes and sequences that a change of the schema names without their schema: which ones are meant
 * depends on the search_path of the session that happens to run it.
 *
 * Not temporary tables, and not the tables in a query, whose names may be those of a WITH.
 */
import { resolveName, resolveTable } from '../catalog/lookup.ts';
import type { Catalog } from '../catalog/model.ts';
import type { SqlStatement, StatementNode } from '../sql/parse.ts';
import { words } from './sql-text.ts';

export type UnqualifiedName = {
  readonly name: string;
  /** Where the search path of the files finds it, or would make it. */
  readonly schema: string;
  /** Offset in the file. */
  readonly start: number;
};

export function unqualifiedNames(statement: SqlStatement, catalog: Catalog): readonly UnqualifiedName[] {
  const found = 'DropStmt' in statement.node ? droppedNames(statement) : relationsIn(changedParts(statement.node));
  return found
    .filter(({ name }) => resolveTable(catalog, { name })?.persistence !== 'temporary')
    .map(({ name, start }) => ({ name, start, schema: resolveName(catalog, { name }).schema }));
}

type Named = { readonly name: string; readonly start: number };

/** Of a view or a CREATE TABLE … AS only its own name: the rest is a query. */
function changedParts(node: StatementNode): unknown {
  if ('ViewStmt' in node) return node.ViewStmt.view;
  if ('CreateTableAsStmt' in node) return node.CreateTableAsStmt.into?.rel;
  if ('CreateTrigStmt' in node) return node.CreateTrigStmt.relation;
  const isChange =
    'CreateStmt' in node ||
    'AlterTableStmt' in node ||
    'IndexStmt' in node ||
    'RenameStmt' in node ||
    'TruncateStmt' in node ||
    'CreateSeqStmt' in node ||
    'AlterSeqStmt' in node;
  return isChange ? node : null;
}

function relationsIn(node: unknown): readonly Named[] {
  if (Array.isArray(node)) return node.flatMap(relationsIn);
  if (typeof node !== 'object' || node === null) return [];
  const relation: { readonly [field: string]: unknown } = { ...node };
  const { relname, location, schemaname, relpersistence } = relation;
  if (typeof relname === 'string' && typeof location === 'number')
    return schemaname !== undefined || relpersistence === 't' ? [] : [{ name: relname, start: location }];
  return Object.values(relation).flatMap(relationsIn);
}

const droppedRelations: ReadonlySet<string> = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_INDEX',
  'OBJECT_SEQUENCE',
  'OBJECT_FOREIGN_TABLE',
]);

/** The parser does not say where the names of a DROP stand; each is the first word of its spelling. */
function droppedNames({ node, text, start }: SqlStatement): readonly Named[] {
  if (!('DropStmt' in node) || !droppedRelations.has(node.DropStmt.removeType ?? '')) return [];
  const all = words(text);
  return (node.DropStmt.objects ?? []).flatMap((object) => {
    const path = 'List' in object ? (object.List.items ?? []) : [];
    const [only] = path;
    if (path.length !== 1 || only === undefined || !('String' in only)) return [];
    const name = only.String.sval ?? '';
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const word = all.find((candidate) => candidate.text === quoted || candidate.text === name.toUpperCase());
    return word === undefined ? [] : [{ name, start: start + word.start }];
  });
}
