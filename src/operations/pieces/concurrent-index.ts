/**
 * Indexes built and dropped while everybody goes on reading and writing.
 *
 * CREATE INDEX CONCURRENTLY cannot run in a transaction with its ledger row, and what fails leaves an INVALID index of
 * that name: the step's probe finds out which of the two is there. IF NOT EXISTS is never emitted, because it takes an
 * invalid leftover for the index (trap 19). The statement is made from the person's own tree, so that operator classes,
 * storage parameters and the like are theirs to the letter.
 */
import type { IndexElem, IndexStmt, Node } from '@pgsql/types';
import { blankIndex } from '../../catalog/blank.ts';
import type { Index, IndexKey, QualifiedName } from '../../catalog/model.ts';
import { MigrateError } from '../../errors.ts';
import { emit, emitExpression } from '../../sql/emit.ts';
import { parseStatements } from '../../sql/parse.ts';
import { identifier, literal, qualified, sql } from '../../sql/template.ts';
import { stringValues } from '../decode/names.ts';
import {
  outsideTransaction,
  transactional,
  undoBy,
  type Phase,
  type SqlRun,
  type StepDraft,
  type UndoAction,
} from '../step-draft.ts';

/** The tree of a CREATE INDEX statement. */
export function indexStatement(text: string): IndexStmt {
  const node = parseStatements(text)[0]?.node;
  if (node === undefined || !('IndexStmt' in node)) throw new MigrateError('INTERNAL', `"${text}" creates no index.`);
  return node.IndexStmt;
}

export type IndexBuild = { readonly statement: IndexStmt; readonly name: string; readonly on: QualifiedName };

/** The statement, under this name on this table, with or without CONCURRENTLY. */
export function createIndexSql(
  { statement, name, on }: IndexBuild,
  how: { concurrently: boolean; only: boolean },
): string {
  const { if_not_exists: _ifNotExists, concurrent: _concurrent, ...rest } = statement;
  return emit({
    IndexStmt: {
      ...rest,
      idxname: name,
      // The emitter writes ONLY where `inh` is absent, as the parser leaves it.
      relation: { schemaname: on.schema, relname: on.name, relpersistence: 'p', ...(how.only ? {} : { inh: true }) },
      ...(how.concurrently ? { concurrent: true } : {}),
    },
  });
}

/** The index as the catalog keeps it. */
export function indexOf({ statement, name, on }: IndexBuild, only = false): Index {
  return blankIndex(name, createIndexSql({ statement, name, on }, { concurrently: false, only }), {
    method: statement.accessMethod ?? 'btree',
    unique: statement.unique === true,
    keys: indexKeys(statement.indexParams),
    include: includedColumns(statement),
    predicate: statement.whereClause === undefined ? null : emitExpression(statement.whereClause),
    nullsNotDistinct: statement.nulls_not_distinct === true,
    tablespace: statement.tableSpace ?? null,
  });
}

export function indexKeys(params: readonly Node[] | undefined): readonly IndexKey[] {
  return (params ?? []).flatMap((node) => ('IndexElem' in node ? [indexKey(node.IndexElem)] : []));
}

export function includedColumns(statement: IndexStmt): readonly string[] {
  return indexKeys(statement.indexIncludingParams).map((key) => key.column ?? key.expression);
}

function indexKey(element: IndexElem): IndexKey {
  const { name, expression, collation } = indexed(element);
  const descending = element.ordering === 'SORTBY_DESC';
  return {
    column: name,
    expression,
    operatorClass: element.opclass === undefined ? null : dotted(element.opclass),
    collation: collation === undefined ? null : dotted(collation),
    descending,
    nullsFirst:
      element.nulls_ordering === 'SORTBY_NULLS_FIRST' || (descending && element.nulls_ordering !== 'SORTBY_NULLS_LAST'),
  };
}

/** `(a)` and `(a COLLATE "C")` are the column a to Postgres (ComputeIndexAttrs in indexcmds.c). */
function indexed(element: IndexElem) {
  if (element.name !== undefined) return ofColumn(element.name, element.collation);
  let node = element.expr;
  let collation = element.collation;
  while (node !== undefined && 'CollateClause' in node) {
    collation ??= node.CollateClause.collname;
    node = node.CollateClause.arg;
  }
  const field = node !== undefined && 'ColumnRef' in node ? node.ColumnRef.fields?.at(-1) : undefined;
  if (field !== undefined && 'String' in field) return ofColumn(field.String.sval ?? '', collation);
  return { name: null, expression: node === undefined ? '' : emitExpression(node), collation };
}

function ofColumn(name: string, collation: IndexElem['collation']) {
  return { name, expression: identifier(name).text, collation };
}

function dotted(names: readonly Node[]): string {
  return stringValues(names)
    .map((name) => identifier(name).text)
    .join('.');
}

function buildConcurrently(build: IndexBuild): SqlRun {
  return outsideTransaction(createIndexSql(build, { concurrently: true, only: false }), {
    kind: 'index_valid',
    table: { schema: build.on.schema, name: build.on.name },
    index: build.name,
  });
}

/** For an undo: without complaint when the index is gone with its constraint or its parent already. */
function dropConcurrently(index: QualifiedName): SqlRun {
  return outsideTransaction(sql`DROP INDEX CONCURRENTLY IF EXISTS ${qualified(index)}`.text, {
    kind: 'index_absent',
    index: { schema: index.schema, name: index.name },
  });
}

export function buildStep(build: IndexBuild, phase: Phase, title: string, notes: readonly string[] = []): StepDraft {
  return {
    phase,
    title,
    run: buildConcurrently(build),
    undo: undoBy(dropConcurrently({ schema: build.on.schema, name: build.name })),
    notes,
  };
}

/** Builds an index of the catalog anew, with what its definition does not say. */
export function rebuildConcurrently(on: QualifiedName, index: Index): readonly UndoAction[] {
  const extras = indexExtras(on, index);
  return [
    buildConcurrently({ statement: catalogStatement(index), name: index.name, on }),
    ...(extras.length > 0 ? [transactional(...extras)] : []),
  ];
}

/** The same under a blocking lock, for a partitioned table, which has no other way, and for one that nobody uses. */
export function rebuildDirectly(on: QualifiedName, index: Index): readonly UndoAction[] {
  return [transactional(...indexStatements(on, index))];
}

/** CREATE INDEX as the catalog knows it, and what its definition does not say. */
export function indexStatements(on: QualifiedName, index: Index): readonly string[] {
  const build = { statement: catalogStatement(index), name: index.name, on };
  return [createIndexSql(build, { concurrently: false, only: false }), ...indexExtras(on, index)];
}

function catalogStatement(index: Index): IndexStmt {
  const statement = indexStatement(index.definition);
  return index.tablespace === null ? statement : { ...statement, tableSpace: index.tablespace };
}

export function indexExtras(on: QualifiedName, index: Index): readonly string[] {
  const name = qualified({ schema: on.schema, name: index.name });
  return [
    ...(index.comment === null ? [] : [sql`COMMENT ON INDEX ${name} IS ${literal(index.comment)}`.text]),
    ...(index.clustered ? [sql`ALTER TABLE ${qualified(on)} CLUSTER ON ${identifier(index.name)}`.text] : []),
    ...(index.replicaIdentity
      ? [sql`ALTER TABLE ${qualified(on)} REPLICA IDENTITY USING INDEX ${identifier(index.name)}`.text]
      : []),
  ];
}
