/**
 * `migrate:using` on a check: the value that a column gets in every row that would violate it. A trigger gives it to what
 * the old application goes on writing, a backfill to the rows that are there.
 *
 * As with a fill (fill.ts) the trigger is committed first, fires only WHEN the row violates, and changes one column. The
 * condition is the check itself with NEW before its columns; `NOT (…)` leaves alone a row for which it comes out NULL.
 */
import type { Table } from '../../catalog/model.ts';
import { emitExpression } from '../../sql/emit.ts';
import { parseExpression } from '../../sql/parse.ts';
import { visit } from '../../sql/walk.ts';
import { identifier, literal, qualified, raw, sql } from '../../sql/template.ts';
import { derivedName, derivedTriggerName } from '../derived-name.ts';
import type { PlanContext } from '../operation.ts';
import { nothingToUndo, transactional, undoBy, type StepDraft } from '../step-draft.ts';
import { refuseUncomputable } from './computed-value.ts';
import { helperFunction, ledgerSchema } from './helper-function.ts';

export type Repair = {
  readonly table: Table;
  readonly column: string;
  /** The check. */
  readonly expression: string;
  readonly constraint: string;
  /** The value. */
  readonly using: string;
};

/** Trigger in expand, backfill, and the trigger's end in contract (which the caller puts behind the validation). */
export function repairSteps(repair: Repair, context: PlanContext): readonly StepDraft[] {
  const { table, column, expression, constraint, using } = repair;
  const { catalog, migration, directives } = context;
  for (const read of [using, expression]) refuseUncomputable({ table, column, expression: read, replaces: 'any' });
  const name = { schema: ledgerSchema, name: derivedName('fill', migration, table, column, constraint) };
  const trigger = identifier(derivedTriggerName('fill', migration, table, column, constraint));
  const create = [
    helperFunction(catalog, name, [
      sql`SELECT (${raw(using)}) INTO NEW.${identifier(column)} FROM (SELECT NEW.*) AS ${identifier(table.name)}`.text,
    ]),
    sql`CREATE TRIGGER ${trigger} BEFORE INSERT OR UPDATE ON ${qualified(table)} FOR EACH ROW WHEN (NOT (${raw(ofNewRow(expression))})) EXECUTE FUNCTION ${qualified(name)}()`
      .text,
    sql`COMMENT ON FUNCTION ${qualified(name)}() IS ${literal(`Helper of migration ${migration}; removed by its contract or rollback.`)}`
      .text,
  ];
  const drop = [
    sql`DROP TRIGGER IF EXISTS ${trigger} ON ${qualified(table)}`.text,
    sql`DROP FUNCTION IF EXISTS ${qualified(name)}()`.text,
  ];
  const violates = sql`NOT (${raw(expression)})`.text;
  return [
    {
      phase: 'expand',
      title: `Repair ${table.name}.${column} in rows that are written in violation of ${constraint}`,
      run: transactional(...create),
      undo: undoBy(transactional(...drop)),
      notes: [],
    },
    {
      phase: 'backfill',
      title: `Repair ${table.name}.${column} in existing rows that violate ${constraint}`,
      run: {
        kind: 'backfill',
        table: { schema: table.schema, name: table.name },
        alias: null,
        command: 'update',
        set: [{ column, expression: using }],
        where: null,
        guard: violates,
        verify: violates,
        batchSize: directives.batch.size,
        pauseMs: directives.batch.pauseMs,
      },
      undo: nothingToUndo,
      notes: [
        `The old values of ${table.name}.${column} in these rows are replaced; a rollback does not bring them back.`,
      ],
    },
    {
      phase: 'contract',
      title: `Stop repairing ${table.name}.${column}`,
      run: transactional(...drop),
      undo: nothingToUndo,
      notes: [],
    },
  ];
}

/** The expression with NEW before every column. A CHECK holds no subquery, so each reference is the table's own. */
function ofNewRow(expression: string): string {
  const tree = structuredClone(parseExpression(expression));
  visit(tree, (tag, fields) => {
    if (tag !== 'ColumnRef') return;
    const path = fields['fields'];
    // Our own copy of the tree, made above: nobody else holds it.
    if (Array.isArray(path)) path.splice(0, path.length - 1, { String: { sval: 'new' } });
  });
  return emitExpression(tree);
}
