/**
 * Filling a column that is to become NOT NULL: a trigger gives a value to every row that the old application writes
 * without one, and a backfill gives it to the rows that are there.
 *
 * The trigger is created first and committed (CREATE TRIGGER takes SHARE ROW EXCLUSIVE, so it waits out every writer
 * that cannot see it yet), so no row can be missed between the two. It fires only WHEN the column is NULL, and changes
 * nothing but that column. The expression sees the row under the table's own name; there are no variables in the body
 * that could be ambiguous with a column.
 */
import type { Catalog, Table } from '../../catalog/model.ts';
import { identifier, literal, qualified, raw, sql } from '../../sql/template.ts';
import { derivedName, derivedTriggerName } from '../derived-name.ts';
import type { PlanContext } from '../operation.ts';
import { nothingToUndo, transactional, undoBy, type StepDraft } from '../step-draft.ts';
import { parseExpression } from '../../sql/parse.ts';
import { expressionVolatility } from './expression-volatility.ts';
import { refuseUncomputable } from './computed-value.ts';
import { helperFunction, ledgerSchema } from './helper-function.ts';
import { familyOf } from './table-family.ts';

export type Fill = { readonly table: Table; readonly column: string; readonly expression: string };

export type FillTrigger = { readonly create: readonly string[]; readonly drop: readonly string[] };

/** The statements that create and drop the trigger; the caller puts the creation into the transaction of its column. */
export function fillTrigger({ table, column, expression }: Fill, catalog: Catalog, migration: string): FillTrigger {
  refuseUncomputable({ table, column, expression, replaces: 'empty' });
  const name = { schema: ledgerSchema, name: derivedName('fill', migration, table, column) };
  const trigger = identifier(derivedTriggerName('fill', migration, table, column));
  // The partitions of a partitioned table get its triggers from it; tables that inherit do not.
  const tables = familyOf(catalog, table).filter((member) => member === table || member.partitionOf === null);
  return {
    create: [
      helperFunction(catalog, name, [
        sql`SELECT (${raw(expression)}) INTO NEW.${identifier(column)} FROM (SELECT NEW.*) AS ${identifier(table.name)}`
          .text,
      ]),
      ...tables.map(
        (member) =>
          sql`CREATE TRIGGER ${trigger} BEFORE INSERT OR UPDATE ON ${qualified(member)} FOR EACH ROW WHEN (NEW.${identifier(column)} IS NULL) EXECUTE FUNCTION ${qualified(name)}()`
            .text,
      ),
      sql`COMMENT ON FUNCTION ${qualified(name)}() IS ${raw(commentLiteral(migration))}`.text,
    ],
    drop: [
      ...tables.map((member) => sql`DROP TRIGGER IF EXISTS ${trigger} ON ${qualified(member)}`.text),
      sql`DROP FUNCTION IF EXISTS ${qualified(name)}()`.text,
    ],
  };
}

function commentLiteral(migration: string): string {
  return `'Helper of migration ${migration.replaceAll("'", "''")}; removed by its contract or rollback.'`;
}

/** Trigger in expand, backfill, and the trigger's end in contract (which the caller puts after its NOT NULL steps). */
export function fillSteps(fill: Fill, context: PlanContext): readonly StepDraft[] {
  const { table, column } = fill;
  const trigger = fillTrigger(fill, context.catalog, context.migration);
  return [
    ...trial(fill, context),
    {
      phase: 'expand',
      title: `Fill ${table.name}.${column} in rows that are written without it`,
      run: transactional(...trigger.create),
      undo: undoBy(transactional(...trigger.drop)),
      notes: [],
    },
    fillBackfill(fill, context),
    {
      phase: 'contract',
      title: `Stop filling ${table.name}.${column}`,
      run: transactional(...trigger.drop),
      undo: nothingToUndo,
      notes: [],
    },
  ];
}

/**
 * The expression, tried on rows that are there: one that fails (a division by zero, a cast) must fail here, and not the
 * first INSERT of the running application. Not where each evaluation uses something up, as nextval does.
 */
export function trial({ table, column, expression }: Fill, { catalog }: PlanContext): readonly StepDraft[] {
  if (expressionVolatility(parseExpression(expression), catalog) !== 'not volatile') return [];
  // A value never differs from itself, but to find out the server must compute it.
  const tried = sql`FROM (SELECT (${raw(expression)}) AS value FROM ${qualified(table)} LIMIT ${literal(triedRows)}) AS tried WHERE record_image_ne(ROW(value), ROW(value))`;
  return [
    {
      phase: 'expand',
      title: `Try the value for ${table.name}.${column} on rows that are there`,
      run: {
        kind: 'gate',
        what: `values for ${table.name}.${column} are not equal to themselves`,
        countSql: sql`SELECT count(*) ${tried}`.text,
        sampleSql: sql`SELECT value ${tried} LIMIT 5`.text,
        hint: 'Write another value: -- migrate:using <expression>',
      },
      undo: nothingToUndo,
      notes: [],
    },
  ];
}

const triedRows = 1_000; // rows: milliseconds, and most mistakes show in the first ones

/** The existing rows, in batches; idempotent through its guard. */
export function fillBackfill({ table, column, expression }: Fill, context: PlanContext): StepDraft {
  const missing = sql`${identifier(column)} IS NULL`.text;
  const { batch } = context.directives;
  return {
    phase: 'backfill',
    title: `Fill ${table.name}.${column} in existing rows`,
    run: {
      kind: 'backfill',
      table: { schema: table.schema, name: table.name },
      alias: null,
      command: 'update',
      set: [{ column, expression }],
      where: null,
      guard: missing,
      verify: missing,
      batchSize: batch.size,
      pauseMs: batch.pauseMs,
    },
    undo: nothingToUndo,
    notes: [],
  };
}
