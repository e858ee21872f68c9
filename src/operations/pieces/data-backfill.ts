/** A data statement that may be cut into batches, as the job that walks along its rows. */
import type { CommonTableExpr, Node } from '@pgsql/types';
import { sameName } from '../../catalog/lookup.ts';
import { emit, emitExpression, emitFromItem, emitWithQuery } from '../../sql/emit.ts';
import { visit } from '../../sql/walk.ts';
import type { BackfillRun } from '../step-draft.ts';
import type { Batchable } from './batchable.ts';

type Pace = Pick<BackfillRun, 'batchSize' | 'pauseMs'>;

export function dataBackfill(batchable: Batchable, written: string, pace: Pace): BackfillRun {
  const { statement, walked, target, assignments } = batchable;
  const { table } = walked.relation;
  const common = {
    kind: 'backfill',
    table: { schema: table.schema, name: table.name },
    command: statement.command,
    guard: null,
    verify: null,
    ...pace,
    ...(batchable.once.length === 0 ? {} : { once: batchable.once }),
  } as const;
  if (statement.command === 'insert') {
    return {
      ...common,
      alias: null,
      set: [],
      where: null,
      insert: {
        into: { schema: target.schema, name: target.name },
        statement: written,
        ofBatch: emit(readingBatch(batchable.node, walked.name)),
        columns: table.columns.map(({ name }) => name),
      },
    };
  }
  const queries = statement.with.flatMap((clause) => clause.ctes ?? []).flatMap(commonTable);
  const beside = { from: statement.from.map(emitFromItem), with: queries.map(emitWithQuery) };
  const readsBeside = beside.from.length + beside.with.length > 0;
  return {
    ...common,
    alias: statement.target.alias?.aliasname ?? null,
    set: assignments.map(({ column, value }) => ({
      column,
      expression: value === null ? 'DEFAULT' : emitExpression(value),
    })),
    where: statement.where === undefined ? null : emitExpression(statement.where),
    ...(readsBeside ? { beside } : {}),
  };
}

function commonTable(node: Node): readonly CommonTableExpr[] {
  return 'CommonTableExpr' in node ? [node.CommonTableExpr] : [];
}

/** The INSERT with `onward_rows` in the place of the walked table, under the name that the table has in it. */
function readingBatch(node: Node, name: string): Node {
  const copy = structuredClone(node);
  if (!('InsertStmt' in copy)) return copy;
  const query = copy.InsertStmt.selectStmt;
  const replace = (items: readonly (Node | undefined)[]): void => {
    for (const item of items) {
      if (item === undefined) continue;
      if ('JoinExpr' in item) replace([item.JoinExpr.larg, item.JoinExpr.rarg]);
      if ('RangeVar' in item && (item.RangeVar.alias?.aliasname ?? item.RangeVar.relname) === name)
        item.RangeVar = { relname: 'onward_rows', inh: true, relpersistence: 'p', alias: { aliasname: name } };
    }
  };
  if (query !== undefined && 'SelectStmt' in query) replace(query.SelectStmt.fromClause ?? []);
  // `public.users.id`: what is read now has no schema. Our own copy of the tree, made above.
  visit(copy, (tag, fields) => {
    const path = fields['fields'];
    if (tag === 'ColumnRef' && Array.isArray(path) && path.length > 2) path.splice(0, path.length - 2);
  });
  return copy;
}

/** Names of tables that a batch reads as they are when it runs. */
export function readWhenRun({ others, target }: Batchable): readonly string[] {
  return others.filter((table) => !sameName(table, target)).map(({ name }) => name);
}
