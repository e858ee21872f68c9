/**
 * CREATE INDEX (row 22), on a table or a materialized view.
 *
 * As written it takes SHARE on the table for as long as the build lasts: every write waits (measured: create_index). So it
 * becomes CREATE INDEX CONCURRENTLY in expand, for which nobody waits, with a probe that finds what a crash left behind. A
 * unique index first counts the values that stand in more than one row, because a failed build costs two scans of the table.
 *
 * A partitioned table cannot be indexed concurrently as a whole: its own index is created ON ONLY it (no build), then each
 * partition's concurrently and attached; with the last one the parent's becomes valid. A partition's index that is there
 * already and has the same shape is attached, as Postgres would.
 */
import type { IndexStmt } from '@pgsql/types';
import { addIndex, updateIndex } from '../catalog/edit.ts';
import { resolveName, resolveRelation, resolveTable, resolveView } from '../catalog/lookup.ts';
import type { Catalog, Index, QualifiedName, Table } from '../catalog/model.ts';
import { truncateName } from '../postgres/names.ts';
import { emitExpression } from '../sql/emit.ts';
import { parseExpression } from '../sql/parse.ts';
import { columnReferences } from '../sql/walk.ts';
import { qualified, sql } from '../sql/template.ts';
import type { AlterSetting, CreateIndex } from './change.ts';
import { relationName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import type { StatementPart } from './decode/statement-parts.ts';
import { chosenIndexName } from './pieces/chosen-name.ts';
import {
  buildStep,
  includedColumns,
  indexKeys,
  indexOf,
  indexStatement,
  rebuildDirectly,
} from './pieces/concurrent-index.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn } from './pieces/locks.ts';
import { planPartitionedIndex, sameShape } from './pieces/partitioned-index.ts';
import { familyOf, partitionsOf, withRows } from './pieces/table-family.ts';
import { duplicates } from './pieces/violations.ts';
import { nothingToUndo, transactional, undoBy, type StepDraft, type UndoAction } from './step-draft.ts';
import { touchesBelow } from './pieces/goes-along.ts';
import { touchColumn, touchRelation, touchRows } from './touch.ts';

/** The trees of those that were decoded; one that comes from elsewhere is parsed. */
const statements = new WeakMap<CreateIndex, IndexStmt>();

function statementOf(change: CreateIndex): IndexStmt {
  return statements.get(change) ?? indexStatement(change.sql);
}

export const createIndex: Operation<CreateIndex> = {
  kind: 'create_index',

  decode(part) {
    if (!('IndexStmt' in part.node)) return attachChange(part);
    const statement = part.node.IndexStmt;
    const change: CreateIndex = {
      kind: 'create_index',
      sql: part.sql,
      table: relationName(statement.relation),
      name: statement.idxname === undefined ? null : truncateName(statement.idxname),
      unique: statement.unique === true,
      method: statement.accessMethod ?? 'btree',
      keys: indexKeys(statement.indexParams),
      include: includedColumns(statement),
      predicate: statement.whereClause === undefined ? null : emitExpression(statement.whereClause),
      nullsNotDistinct: statement.nulls_not_distinct === true,
      concurrently: statement.concurrent === true,
      ifNotExists: statement.if_not_exists === true,
      only: statement.relation?.inh !== true,
    };
    statements.set(change, statement);
    return [change];
  },

  apply(catalog, change) {
    const on = target(catalog, change);
    if (on === null) return catalog;
    return withIndex(catalog, on, indexName(catalog, on, change), change, null);
  },

  touches(change, catalog) {
    const on = target(catalog, change) ?? resolveName(catalog, change.table);
    const expressions = [
      ...change.keys.filter((key) => key.column === null).map((key) => key.expression),
      ...(change.predicate === null ? [] : [change.predicate]),
    ];
    const columns = new Set([
      ...change.keys.flatMap((key) => key.column ?? []),
      ...change.include,
      ...expressions.flatMap((expression) =>
        columnReferences(parseExpression(expression)).map((reference) => reference.column),
      ),
    ]);
    return {
      reads: [
        ...[...columns].map((column) => touchColumn(catalog, change.table, column)),
        // A unique index can be refused by a row, and so can one that computes an expression.
        ...(change.unique || expressions.length > 0 ? [touchRows(catalog, change.table)] : []),
      ],
      writes: [
        touchRelation(catalog, { schema: on.schema, name: indexName(catalog, on, change) }),
        ...touchesBelow(catalog, on, withIndex(catalog, on, indexName(catalog, on, change), change, null)),
      ],
    };
  },

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const mode = change.concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
    if (table === null) {
      const view = target(catalog, change);
      return view === null
        ? noEffects
        : { ...noEffects, locks: [{ table: view, mode }], scans: [view], indexBuilds: [view] };
    }
    const existing =
      change.name === null ? null : resolveRelation(catalog, { schema: table.schema, name: change.name });
    const done = change.ifNotExists && existing !== null;
    const reached =
      change.only || done
        ? [table]
        : familyOf(catalog, table).filter((each) => each === table || table.kind === 'partitioned');
    const built = done
      ? []
      : withRows(reached).filter((each) => each === table || matching(each, change) === undefined);
    return {
      ...noEffects,
      locks: reached.flatMap((each) => lockOn(each, mode)),
      scans: built,
      indexBuilds: built,
    };
  },

  plan(change, context) {
    const { catalog, directives } = context;
    const phase = directives.phase ?? 'expand';
    const on = target(catalog, change) ?? resolveName(catalog, change.table);
    const name = indexName(catalog, on, change);
    if (change.ifNotExists && isThere(catalog, { schema: on.schema, name })) return [];
    const table = resolveTable(catalog, change.table);
    if (table?.kind === 'partitioned' && change.only)
      return [directStep(phase, change.sql, createIndex.undo(change, catalog))];
    const gate: StepDraft = {
      phase,
      title: `Count values that would stand twice in ${name}`,
      run: duplicates(catalog, {
        on,
        keys: change.keys,
        predicate: change.predicate,
        nullsNotDistinct: change.nullsNotDistinct,
      }),
      undo: nothingToUndo,
      notes: [],
    };
    const build = { statement: statementOf(change), name, on: { schema: on.schema, name: on.name } };
    return [
      ...(change.unique ? [gate] : []),
      ...(table?.kind === 'partitioned'
        ? planPartitionedIndex({ catalog, table, build, phase })
        : [buildStep(build, phase, `Build ${change.unique ? 'unique ' : ''}index ${name} on ${on.name}`)]),
    ];
  },

  undo(change, catalog) {
    const on = target(catalog, change);
    if (on === null) return nothingToUndo;
    const index = { schema: on.schema, name: indexName(catalog, on, change) };
    if (resolveRelation(catalog, index) !== null) return nothingToUndo;
    const table = resolveTable(catalog, change.table);
    return undoBy(
      transactional(sql`DROP INDEX IF EXISTS ${qualified(index)}`.text),
      // A partition's own index that was attached goes with the parent's.
      ...(table === null || change.only ? [] : attachedBelow(catalog, table, change)),
    );
  },
};

/**
 * `ALTER INDEX … ATTACH PARTITION`, the last step of an index on a partitioned table. It takes ACCESS SHARE on both
 * tables, for which nobody waits (measured: attach_index_partition). `table` is the index, for the order of the steps.
 */
function attachChange({ node, sql: text }: StatementPart): readonly AlterSetting[] | null {
  if (!('AlterTableStmt' in node) || node.AlterTableStmt.objtype !== 'OBJECT_INDEX') return null;
  const command = node.AlterTableStmt.cmds?.[0];
  const attaches =
    command !== undefined && 'AlterTableCmd' in command && command.AlterTableCmd.subtype === 'AT_AttachPartition';
  if (!attaches) return null;
  return [
    {
      kind: 'alter_setting',
      sql: text,
      setting: 'index of a partition',
      table: relationName(node.AlterTableStmt.relation),
      column: null,
      lock: null,
      narrowing: false,
      sequence: null,
    },
  ];
}

/** The table or materialized view that the index is on. */
function target(catalog: Catalog, change: CreateIndex): QualifiedName | null {
  const found = resolveTable(catalog, change.table) ?? resolveView(catalog, change.table);
  return found === null ? null : { schema: found.schema, name: found.name };
}

function indexName(catalog: Catalog, on: QualifiedName, change: CreateIndex): string {
  return change.name ?? chosenIndexName(catalog, on, change.keys, change.include);
}

/** IF NOT EXISTS is content with any relation of that name; an invalid index is a failed build that is to be repeated. */
function isThere(catalog: Catalog, name: QualifiedName): boolean {
  const found = resolveRelation(catalog, name);
  return found !== null && (found.kind !== 'index' || found.index.valid);
}

function attachedBelow(catalog: Catalog, table: Table, change: CreateIndex): readonly UndoAction[] {
  return partitionsOf(catalog, table).flatMap((partition) => {
    const index = matching(partition, change);
    return index === undefined ? attachedBelow(catalog, partition, change) : rebuildDirectly(partition, index);
  });
}

function matching(partition: Table, change: CreateIndex): Index | undefined {
  const wanted = indexOf({ statement: statementOf(change), name: 'wanted', on: partition });
  return partition.indexes.find((index) => index.partitionOf === null && sameShape(index, wanted));
}

/** The partitions' indexes that it makes. */
function withIndex(
  catalog: Catalog,
  on: QualifiedName,
  name: string,
  change: CreateIndex,
  parent: QualifiedName | null,
): Catalog {
  const table = resolveTable(catalog, on);
  const partitioned = table?.kind === 'partitioned';
  const partitions = table === null || change.only ? [] : partitionsOf(catalog, table);
  const index = indexOf({ statement: statementOf(change), name, on }, partitioned);
  // ON ONLY a table with partitions leaves an index that is invalid until each partition's is attached.
  const valid = !(partitioned && change.only && partitionsOf(catalog, table).length > 0);
  const own = addIndex(catalog, on, { ...index, valid, partitionOf: parent });
  const ownName = { schema: on.schema, name };
  return partitions.reduce((before, partition) => {
    const same = matching(partition, change);
    if (same !== undefined) {
      return updateIndex(before, { schema: partition.schema, name: same.name }, (found) => ({
        ...found,
        partitionOf: ownName,
      }));
    }
    return withIndex(
      before,
      partition,
      chosenIndexName(before, partition, change.keys, change.include),
      change,
      ownName,
    );
  }, own);
}
