/**
 * INSERT, UPDATE, DELETE in a migration (row 25).
 *
 * One that can touch many rows becomes a batched job where that is provably the same (pieces/batchable.ts): the batches
 * walk along a key, with the upper bound fixed at the start, and meet each row exactly once. Everything else runs as
 * written, in its place, with the reason.
 */
import type { Node } from '@pgsql/types';
import { resolveTable } from '../catalog/lookup.ts';
import { parseStatements } from '../sql/parse.ts';
import { functionCalls, visit } from '../sql/walk.ts';
import type { ChangeRows, RelationName } from './change.ts';
import { relationName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation, PlanContext } from './operation.ts';
import type { StatementPart } from './decode/statement-parts.ts';
import { batchable, type Batchable } from './pieces/batchable.ts';
import { dataBackfill, readWhenRun } from './pieces/data-backfill.ts';
import { directStep, statementTitle } from './pieces/direct.ts';
import { columnNamesIn, tablesIn } from './pieces/query-names.ts';
import { cannotUndo, nothingToUndo, type StepDraft, type Undo } from './step-draft.ts';
import { touchColumn, touchRelation, touchRows } from './touch.ts';

export const changeRows: Operation<ChangeRows> = {
  kind: 'change_rows',

  decode(part) {
    const decoded = decodeRows(part);
    return decoded === null ? null : [{ kind: 'change_rows', sql: part.sql, ...decoded }];
  },

  apply: (catalog) => catalog,

  touches: (change, catalog) => ({
    // It needs the table's shape as the file has it by now, and the rows of whatever it reads.
    reads: [
      ...change.assigned.map((column) => touchColumn(catalog, change.table, column)),
      ...change.usedColumns.map((column) => touchColumn(catalog, change.table, column)),
      ...change.reads.flatMap((name) => [touchRelation(catalog, name)]),
      ...change.calls.map((name) => touchRelation(catalog, name)),
    ],
    writes: [touchRows(catalog, change.table)],
  }),

  // ROW EXCLUSIVE lets everybody read and write; only the rows themselves are locked, which the plan shows as its batches.
  effects: () => noEffects,

  plan(change, context) {
    const { catalog } = context;
    const undo = undoIn(change, context);
    const node = parseStatements(change.sql)[0]?.node;
    if (change.constantRows || node === undefined) return [directStep('expand', change.sql, undo)];
    const verdict = batchable(node, catalog);
    if (verdict.batched) return [batchedStep(change, verdict, context)];
    return [directStep('expand', change.sql, undo, [inOneNote(change, verdict.reason)])];
  },

  undo: ({ command, table: { name } }) => cannotUndo(whatIsLost[command](name)),
};

const whatIsLost: { readonly [C in ChangeRows['command']]: (table: string) => string } = {
  insert: (table) => `the rows that were inserted into ${table} cannot be told from others`,
  update: (table) => `the rows of ${table} were changed, and their earlier values are gone`,
  delete: (table) => `the rows that were deleted from ${table} are gone`,
};

function inOneNote({ command }: ChangeRows, reason: string): string {
  const meanwhile = command === 'insert' ? 'nobody sees its rows' : 'the rows it changes stay locked';
  return `It runs as one statement, because ${reason}: ${meanwhile} until it ends.`;
}

function batchedStep(change: ChangeRows, verdict: Batchable, context: PlanContext): StepDraft {
  const { batch } = context.directives;
  const read = readWhenRun(verdict);
  return {
    phase: 'backfill',
    title: `${statementTitle(change.sql)} (in batches)`,
    run: dataBackfill(verdict, change.sql, { batchSize: batch.size, pauseMs: batch.pauseMs }),
    undo: undoIn(change, context),
    notes: [
      ...verdict.once.map(({ query }) => `Worked out once, when it begins: ${query}.`),
      ...(read.length === 0 ? [] : [`Each batch reads ${read.join(', ')} as it is when the batch runs.`]),
    ],
  };
}

/** Columns that this same batch adds go with their rollback; earlier values of other columns are gone. */
function undoIn(change: ChangeRows, context: PlanContext): Undo {
  const table = resolveTable(context.catalog, change.table);
  const { assigned, command } = change;
  const onlyNew =
    command === 'update' &&
    table !== null &&
    assigned.length > 0 &&
    assigned.every((column) => context.isNewColumn(table, column));
  return onlyNew ? nothingToUndo : changeRows.undo(change, context.catalog);
}

type Decoded = Omit<ChangeRows, 'kind' | 'sql'>;

function decodeRows({ node }: StatementPart): Decoded | null {
  if ('UpdateStmt' in node) {
    const { relation, targetList, whereClause, fromClause, withClause } = node.UpdateStmt;
    const inner = [targetList, whereClause];
    return {
      command: 'update',
      table: relationName(relation),
      assigned: namesOf(targetList),
      constantRows: false,
      reads: tablesIn([fromClause, withClause, ...inner]),
      usedColumns: columnNamesIn(inner),
      calls: callsIn([fromClause, withClause, ...inner]),
    };
  }
  if ('DeleteStmt' in node) {
    const { relation, whereClause, usingClause, withClause } = node.DeleteStmt;
    return {
      command: 'delete',
      table: relationName(relation),
      assigned: [],
      constantRows: false,
      reads: tablesIn([usingClause, withClause, whereClause]),
      usedColumns: columnNamesIn([whereClause]),
      calls: callsIn([usingClause, withClause, whereClause]),
    };
  }
  if ('InsertStmt' in node) {
    const { relation, selectStmt, cols, withClause } = node.InsertStmt;
    const values =
      selectStmt === undefined || ('SelectStmt' in selectStmt && (selectStmt.SelectStmt.valuesLists ?? []).length > 0);
    return {
      command: 'insert',
      table: relationName(relation),
      assigned: namesOf(cols),
      constantRows: values,
      reads: tablesIn([selectStmt, withClause]),
      usedColumns: [],
      calls: callsIn([selectStmt, withClause]),
    };
  }
  return null;
}

function namesOf(targets: readonly Node[] | undefined): readonly string[] {
  return (targets ?? []).flatMap((target) => ('ResTarget' in target ? (target.ResTarget.name ?? []) : []));
}

function callsIn(nodes: readonly unknown[]): readonly RelationName[] {
  const found: RelationName[] = [];
  visit(nodes, (tag, _fields, node) => {
    if (tag === 'FuncCall')
      found.push(...functionCalls(node).map(({ schema, name }) => ({ schema: schema ?? null, name })));
  });
  return found;
}
