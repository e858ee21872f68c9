/**
 * REINDEX (row 23), of an index, a table, a materialized view, a schema or the database.
 *
 * As written it takes SHARE on the table and ACCESS EXCLUSIVE on the index while it builds: every write waits, and every
 * read that would use the index (measured: reindex_index, reindex_table). CONCURRENTLY, nobody waits; what a cut-off run
 * leaves is an invalid index whose name ends in `_ccnew` or `_ccold`, which is dropped before it is tried again. Partitioned
 * tables go the same way, partition by partition (Postgres 14). The index of an exclusion constraint cannot.
 *
 * ALTER INDEX … SET TABLESPACE copies the index under ACCESS EXCLUSIVE on it, which every query of the table waits for
 * (measured: index_set_tablespace). REINDEX (TABLESPACE …) CONCURRENTLY ends in the same place.
 */
import type { Node } from '@pgsql/types';
import { updateIndex } from '../catalog/edit.ts';
import { findIndex, resolveRelation, resolveTable, constraintOf } from '../catalog/lookup.ts';
import type { Catalog, QualifiedName, Table, View } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import type { Reindex } from './change.ts';
import { relationName } from './decode/names.ts';
import type { StatementPart } from './decode/statement-parts.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { familyOf, withRows } from './pieces/table-family.ts';
import { nothingToUndo, outsideTransaction, undoBy } from './step-draft.ts';
import { touchRelation } from './touch.ts';

const kinds: Readonly<Record<string, Reindex['what']>> = {
  REINDEX_OBJECT_INDEX: 'INDEX',
  REINDEX_OBJECT_TABLE: 'TABLE',
  REINDEX_OBJECT_SCHEMA: 'SCHEMA',
  REINDEX_OBJECT_DATABASE: 'DATABASE',
};

export const reindex: Operation<Reindex> = {
  kind: 'reindex',

  decode: (part) => {
    const decoded = decodeCopy(part) ?? decodeReindex(part);
    return decoded === null ? null : [{ kind: 'reindex', sql: part.sql, ...decoded }];
  },

  apply(catalog, change) {
    const found = change.copies && change.name !== null ? findIndex(catalog, change.name) : null;
    if (found === null) return catalog;
    const name = { schema: found.table.schema, name: found.index.name };
    return updateIndex(catalog, name, (index) => ({ ...index, tablespace: settled(change.tablespace) }));
  },

  touches: (change, catalog) => ({
    reads: change.name === null ? [] : [touchRelation(catalog, change.name)],
    writes: targetsOf(change, catalog).map((name) => touchRelation(catalog, name)),
  }),

  effects(change, catalog) {
    const mode = change.concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
    const targets = targetsOf(change, catalog);
    // The lock is on the index alone.
    if (change.copies) return { ...noEffects, indexBuilds: isThere(change, catalog) ? [] : targets };
    return { ...noEffects, locks: targets.map((table) => ({ table, mode })), indexBuilds: targets };
  },

  plan(change, { catalog }) {
    if (isThere(change, catalog)) return [directStep('expand', change.sql, reindex.undo(change, catalog))];
    const excluded = exclusionIndex(change, catalog);
    if (excluded !== null && !change.concurrently) throw cannotBeConcurrent(change, excluded);
    const tables = targetsOf(change, catalog);
    return [
      {
        phase: 'expand',
        title: `Rebuild ${change.what === 'INDEX' ? 'index' : 'the indexes of'} ${change.name?.name ?? 'all tables'}`,
        run: outsideTransaction(concurrent(change, change.tablespace, catalog), { kind: 'no_invalid_rest', tables }),
        undo: reindex.undo(change, catalog),
        notes: skipped(change, catalog),
      },
    ];
  },

  undo(change, catalog) {
    const found = change.copies && change.name !== null ? findIndex(catalog, change.name) : null;
    if (found === null || isThere(change, catalog)) return nothingToUndo;
    const back = concurrent(change, found.index.tablespace ?? 'pg_default', catalog);
    return undoBy(outsideTransaction(back, { kind: 'no_invalid_rest', tables: targetsOf(change, catalog) }));
  },
};

function concurrent(change: Reindex, tablespace: string | null, catalog: Catalog): string {
  const of =
    change.name === null
      ? raw('')
      : sql` ${change.what === 'SCHEMA' ? identifier(change.name.name) : nameOf(change, catalog)}`;
  const options = tablespace === null ? raw('') : sql` (TABLESPACE ${identifier(tablespace)})`;
  return sql`REINDEX${options} ${raw(change.what)} CONCURRENTLY${of}`.text;
}

/** The catalog leaves out the database's own. */
function settled(tablespace: string | null): string | null {
  return tablespace === 'pg_default' ? null : tablespace;
}

/** An index that is where it is to go, or has nothing to move: that of a partitioned table is a name for others. */
function isThere({ copies, name, tablespace }: Reindex, catalog: Catalog): boolean {
  const found = copies && name !== null ? findIndex(catalog, name) : null;
  return found !== null && (found.table.kind === 'partitioned' || found.index.tablespace === settled(tablespace));
}

/** `ALTER INDEX … SET TABLESPACE`. */
function decodeCopy({ node }: StatementPart): Omit<Reindex, 'kind' | 'sql'> | null {
  if (!('AlterTableStmt' in node) || node.AlterTableStmt.objtype !== 'OBJECT_INDEX') return null;
  const { relation, cmds } = node.AlterTableStmt;
  const command = cmds?.[0];
  if (command === undefined || !('AlterTableCmd' in command) || command.AlterTableCmd.subtype !== 'AT_SetTableSpace')
    return null;
  const tablespace = command.AlterTableCmd.name ?? null;
  return {
    what: 'INDEX',
    name: relationName(relation),
    concurrently: false,
    tablespace,
    copies: true,
    outsideTransaction: false,
  };
}

function decodeReindex({ node }: StatementPart): Omit<Reindex, 'kind' | 'sql'> | null {
  if (!('ReindexStmt' in node)) return null;
  const { kind, relation, name, params } = node.ReindexStmt;
  const what = kinds[kind ?? ''];
  if (what === undefined) return null;
  const options = (params ?? []).flatMap((item) => ('DefElem' in item ? [item.DefElem] : []));
  const concurrently = options.some(({ defname, arg }) => defname === 'concurrently' && !isOff(arg));
  const tablespace = options.find(({ defname }) => defname === 'tablespace')?.arg;
  return {
    what,
    name: relation !== undefined ? relationName(relation) : name === undefined ? null : { schema: null, name },
    concurrently,
    copies: false,
    tablespace: tablespace !== undefined && 'String' in tablespace ? (tablespace.String.sval ?? null) : null,
    outsideTransaction: concurrently || what === 'SCHEMA' || what === 'DATABASE',
  };
}

/** The value of an option that is switched off (defGetBoolean in define.c). */
function isOff(value: Node | undefined): boolean {
  if (value === undefined) return false;
  if ('String' in value) return ['false', 'off'].includes(value.String.sval?.toLowerCase() ?? '');
  return 'Integer' in value && (value.Integer.ival ?? 0) === 0;
}

/** The tables and materialized views whose indexes are built. */
function targetsOf(change: Reindex, catalog: Catalog): readonly QualifiedName[] {
  const bare = ({ schema, name }: QualifiedName): QualifiedName => ({ schema, name });
  const all: readonly (Table | View)[] = [
    ...withRows([...catalog.tables.values()]),
    ...[...catalog.views.values()].filter(({ kind }) => kind === 'materialized'),
  ];
  const { name } = change;
  if (change.what === 'SCHEMA') return all.filter(({ schema }) => schema === name?.name).map(bare);
  if (change.what === 'DATABASE' || name === null) return all.map(bare);
  const found = resolveRelation(catalog, name);
  const on =
    found?.kind === 'index'
      ? found.on
      : found?.kind === 'table'
        ? found.table
        : found?.kind === 'view'
          ? found.view
          : null;
  if (on === null) return [];
  return 'constraints' in on ? withRows(familyOf(catalog, on)).map(bare) : [bare(on)];
}

function nameOf(change: Reindex, catalog: Catalog) {
  const name = change.name ?? { schema: null, name: '' };
  const found = resolveRelation(catalog, name);
  switch (found?.kind) {
    case 'table':
      return qualified(found.table);
    case 'view':
      return qualified(found.view);
    case 'index':
      return qualified({ schema: found.on.schema, name: found.index.name });
    default:
      return name.schema === null ? identifier(name.name) : qualified({ schema: name.schema, name: name.name });
  }
}

function exclusionIndex(
  { what, name }: Reindex,
  catalog: Catalog,
): { readonly table: Table; readonly index: string } | null {
  const found = what !== 'INDEX' || name === null ? null : findIndex(catalog, name);
  if (found === null || found.index.constraint === null) return null;
  const constraint = constraintOf(found.table, found.index.constraint);
  return constraint?.kind === 'exclusion' ? { table: found.table, index: found.index.name } : null;
}

/** The server leaves them out, with a warning. */
function skipped({ what, name }: Reindex, catalog: Catalog): readonly string[] {
  const table = what === 'TABLE' && name !== null ? resolveTable(catalog, name) : null;
  const excluded = table?.constraints.filter(({ kind }) => kind === 'exclusion') ?? [];
  if (excluded.length === 0) return [];
  return [
    `${excluded.map(({ name: constraint }) => constraint).join(', ')} cannot be rebuilt concurrently and is left as it is.`,
  ];
}

function cannotBeConcurrent(
  { sql: statement }: Reindex,
  { table, index }: { readonly table: Table; readonly index: string },
) {
  return new MigrateError(
    'CANNOT_PLAN',
    `${index} stands behind an exclusion constraint and cannot be rebuilt concurrently: all writes of ${table.name} would wait.`,
    {
      hint: `Where they may wait for it, say so above the statement:\n  -- migrate:raw -- <reason>\n  ${statement};`,
      details: { table: table.name, schema: table.schema, index },
    },
  );
}
