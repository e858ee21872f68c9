/**
 * INSERT, UPDATE, DELETE in a migration (row 25).
 *
 * An UPDATE or DELETE becomes a batched job when each row's outcome depends on that row alone: one target table with a
 * key, no FROM, USING, sub-query, CTE or RETURNING, no volatile function, no assignment to the key. Then the batches do
 * exactly what the one statement would have done: each row that existed at the start once, by the key's order, with the
 * upper bound fixed at the start. Everything else runs as written, in its place.
 */
import type { Node } from '@pgsql/types';
import { keyForBackfill, resolveTable } from '../catalog/lookup.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import { emitExpression } from '../sql/emit.ts';
import { parseExpression } from '../sql/parse.ts';
import { functionCalls, visit } from '../sql/walk.ts';
import type { ChangeRows, RelationName } from './change.ts';
import { relationName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation, PlanContext } from './operation.ts';
import type { StatementPart } from './decode/statement-parts.ts';
import { directStep, statementTitle } from './pieces/direct.ts';
import { expressionVolatility } from './pieces/expression-volatility.ts';
import { columnNamesIn, tablesIn } from './pieces/query-names.ts';
import { cannotUndo, nothingToUndo, type Undo } from './step-draft.ts';
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
      ...(change.set ?? []).map(({ column }) => touchColumn(catalog, change.table, column)),
      ...change.usedColumns.map((column) => touchColumn(catalog, change.table, column)),
      ...change.reads.flatMap((name) => [touchRelation(catalog, name)]),
      ...change.calls.map((name) => touchRelation(catalog, name)),
    ],
    writes: [touchRows(catalog, change.table)],
  }),

  // ROW EXCLUSIVE lets everybody read and write; only the rows themselves are locked, which the plan shows as its batches.
  effects: () => noEffects,

  plan(change, context) {
    const { catalog, directives } = context;
    const table = resolveTable(catalog, change.table);
    if (change.command === 'insert') return [directStep('expand', change.sql, changeRows.undo(change, catalog))];
    const refusal = table === null ? 'the table is not known' : batchRefusal(change, table, catalog);
    if (table === null || refusal !== null) {
      return [
        directStep('expand', change.sql, undoIn(change, context), [
          `It runs as one statement, because ${refusal}: the rows it changes stay locked until it ends.`,
        ]),
      ];
    }
    const set = change.set ?? [];
    return [
      {
        phase: 'backfill',
        title: `${statementTitle(change.sql)} (in batches)`,
        run: {
          kind: 'backfill',
          table: { schema: table.schema, name: table.name },
          alias: change.alias,
          command: change.command,
          set,
          where: change.where,
          guard: null,
          verify: null,
          batchSize: directives.batch.size,
          pauseMs: directives.batch.pauseMs,
        },
        undo: undoIn(change, context),
        notes: [],
      },
    ];
  },

  undo: ({ command, table: { name } }) => cannotUndo(whatIsLost[command](name)),
};

const whatIsLost: { readonly [C in ChangeRows['command']]: (table: string) => string } = {
  insert: (table) => `the rows that were inserted into ${table} cannot be told from others`,
  update: (table) => `the rows of ${table} were changed, and their earlier values are gone`,
  delete: (table) => `the rows that were deleted from ${table} are gone`,
};

/** Columns that this same batch adds go with their rollback; earlier values of other columns are gone. */
function undoIn(change: ChangeRows, context: PlanContext): Undo {
  const table = resolveTable(context.catalog, change.table);
  const set = change.set ?? [];
  const onlyNew =
    change.command === 'update' &&
    table !== null &&
    set.length > 0 &&
    set.every(({ column }) => context.isNewColumn(table, column));
  return onlyNew ? nothingToUndo : changeRows.undo(change, context.catalog);
}

/** Why the statement cannot be cut into batches, or null when each row's outcome depends on that row alone. */
function batchRefusal(change: ChangeRows, table: Table, catalog: Catalog): string | null {
  if (!change.rowLocal) return 'what it does to a row depends on other rows';
  if (change.command === 'update' && change.set === null) return 'its assignments are not simple';
  if (table.kind === 'foreign') return `${table.name} is a foreign table`;
  const key = keyForBackfill(table);
  if (key === null) return `${table.name} has no primary key or unique not-null key to walk along`;
  const assigned = new Set((change.set ?? []).map(({ column }) => column));
  const keyColumn = key.find(({ name }) => assigned.has(name));
  if (keyColumn !== undefined) return `it changes ${keyColumn.name}, by which the batches would be cut`;
  const partitionColumn = table.partitionKeyColumns.find((column) => assigned.has(column));
  if (partitionColumn !== undefined) return `it changes ${partitionColumn}, so rows would move between partitions`;
  const expressions = [
    ...(change.set ?? []).map(({ expression }) => expression),
    ...(change.where === null ? [] : [change.where]),
  ];
  const unsafe = expressions.find(
    (expression) =>
      expression !== 'DEFAULT' && expressionVolatility(parseExpression(expression), catalog) !== 'not volatile',
  );
  if (unsafe !== undefined && !isValuePerRow(unsafe)) return `"${unsafe}" can give another value each time it is asked`;
  return null;
}

/** A fresh value for each row, whichever order the rows come in, is the same thing in batches. */
function isValuePerRow(expression: string): boolean {
  return functionCalls(parseExpression(expression)).every(({ name }) => valuePerRow.has(name));
}

const valuePerRow: ReadonlySet<string> = new Set([
  'gen_random_uuid',
  'uuid_generate_v4',
  'random',
  'clock_timestamp',
  'uuidv7',
  'uuidv4',
]);

type Decoded = Omit<ChangeRows, 'kind' | 'sql'>;

function decodeRows({ node }: StatementPart): Decoded | null {
  if ('UpdateStmt' in node) {
    const { relation, targetList, whereClause, fromClause, withClause, returningList, returningClause } =
      node.UpdateStmt as typeof node.UpdateStmt & {
        // libpg-query 18 names the RETURNING list returningClause; older grammars returningList.
        readonly returningList?: readonly Node[];
        readonly returningClause?: unknown;
      };
    const returning = returningClause !== undefined || (returningList ?? []).length > 0;
    const others = fromClause !== undefined || withClause !== undefined;
    const inner = [targetList, whereClause];
    return {
      command: 'update',
      table: relationName(relation),
      alias: relation?.alias?.aliasname ?? null,
      set: simpleAssignments(targetList),
      where: whereClause === undefined ? null : emitExpression(whereClause),
      rowLocal: !others && !returning && isRowLocal(inner),
      constantRows: false,
      reads: tablesIn([fromClause, withClause, ...inner]),
      usedColumns: columnNamesIn(inner),
      calls: callsIn(inner),
      returning,
    };
  }
  if ('DeleteStmt' in node) {
    const { relation, whereClause, usingClause, withClause, returningClause } =
      node.DeleteStmt as typeof node.DeleteStmt & {
        // As above.
        readonly returningClause?: unknown;
      };
    return {
      command: 'delete',
      table: relationName(relation),
      alias: relation?.alias?.aliasname ?? null,
      set: null,
      where: whereClause === undefined ? null : emitExpression(whereClause),
      rowLocal:
        usingClause === undefined &&
        withClause === undefined &&
        returningClause === undefined &&
        isRowLocal([whereClause]),
      constantRows: false,
      reads: tablesIn([usingClause, withClause, whereClause]),
      usedColumns: columnNamesIn([whereClause]),
      calls: callsIn([whereClause]),
      returning: returningClause !== undefined,
    };
  }
  if ('InsertStmt' in node) {
    const { relation, selectStmt, cols } = node.InsertStmt;
    const columns = (cols ?? []).flatMap((item) =>
      'ResTarget' in item && item.ResTarget.name !== undefined ? [item.ResTarget.name] : [],
    );
    const values =
      selectStmt === undefined || ('SelectStmt' in selectStmt && (selectStmt.SelectStmt.valuesLists ?? []).length > 0);
    return {
      command: 'insert',
      table: relationName(relation),
      alias: null,
      set: null,
      where: null,
      rowLocal: false,
      constantRows: values,
      reads: tablesIn([selectStmt]),
      usedColumns: columns,
      calls: callsIn([selectStmt]),
      returning: false,
    };
  }
  return null;
}

function simpleAssignments(targets: readonly Node[] | undefined): ChangeRows['set'] {
  const set: { column: string; expression: string }[] = [];
  for (const target of targets ?? []) {
    if (!('ResTarget' in target)) return null;
    const { name, val, indirection } = target.ResTarget;
    if (name === undefined || val === undefined || (indirection ?? []).length > 0 || 'MultiAssignRef' in val)
      return null;
    set.push({ column: name, expression: 'SetToDefault' in val ? 'DEFAULT' : emitExpression(val) });
  }
  return set;
}

function isRowLocal(nodes: readonly unknown[]): boolean {
  let local = true;
  visit(nodes, (tag) => {
    if (tag === 'SubLink' || tag === 'SelectStmt' || tag === 'CurrentOfExpr') local = false;
  });
  return local;
}

function callsIn(nodes: readonly unknown[]): readonly RelationName[] {
  const found: RelationName[] = [];
  visit(nodes, (tag, _fields, node) => {
    if (tag === 'FuncCall')
      found.push(...functionCalls(node).map(({ schema, name }) => ({ schema: schema ?? null, name })));
  });
  return found;
}
