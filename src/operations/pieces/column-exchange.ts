/**
 * ADD COLUMN with `migrate:using` and DROP COLUMN with `migrate:reverse` in one migration: columns that take the place of
 * others (row 33: split, merge). Expand adds the new ones and keeps both sides in step (exchange-sync.ts), the backfill
 * fills the rows that exist, contract drops the old ones together with the trigger.
 */
import { columnOf, resolveTable } from '../../catalog/lookup.ts';
import type { Catalog, Table } from '../../catalog/model.ts';
import { MigrateError } from '../../errors.ts';
import { identifier, qualified, raw, sql } from '../../sql/template.ts';
import type { AddColumn, DropColumn } from '../change.ts';
import { columnSql } from './column-sql.ts';
import { derivedName } from '../derived-name.ts';
import type { PlanContext, PlanDirectives } from '../operation.ts';
import { cannotUndo, nothingToUndo, transactional, undoBy, type StepDraft } from '../step-draft.ts';
import { cannotExchange, newColumnProblem, refuseExchange } from './exchange-limits.ts';
import { exchangeTrigger, type Exchange, type ExchangedColumn } from './exchange-sync.ts';
import { foldColumn } from './fold-column.ts';
import { noNullsGate, notNullSteps } from './not-null.ts';
import { helperComment } from './sync-trigger.ts';

type Added = { readonly change: AddColumn; readonly directives: PlanDirectives };
type Dropped = { readonly change: DropColumn; readonly directives: PlanDirectives };

/** The steps of all of them. Throws VALUE_REQUIRED for an expression that is missing, CANNOT_PLAN for what cannot be kept in step. */
export function exchangeSteps(
  table: Table,
  added: readonly Added[],
  dropped: readonly Dropped[],
  context: PlanContext,
): readonly StepDraft[] {
  const { catalog, migration, directives } = context;
  const exchange = exchangeOf(table, added, dropped, context);
  refuseExchange(exchange);
  const trigger = exchangeTrigger(exchange);
  const on = sql`ALTER TABLE ${qualified(table)}`;
  const filled = identifier(exchange.filled);
  const drop = (name: string) => sql`${on} DROP COLUMN IF EXISTS ${identifier(name)}`.text;
  const after = withColumns(table, added, catalog);
  const isUnfilled = sql`${filled} IS NULL`.text;
  const required = added.map(({ change }) => change.column).filter(({ notNull }) => notNull);
  const newNames = listed(exchange.new);
  const oldNames = listed(exchange.old);
  return [
    {
      phase: 'expand',
      title: `Add ${newNames} to ${table.name}, kept in step with ${oldNames} in both directions`,
      run: transactional(
        ...added.flatMap(({ change: { column } }) => [
          sql`${on} ADD COLUMN ${columnSql({ ...column, notNull: false, default: null })}`.text,
          // In a statement of its own: ADD COLUMN with a default would show it in the rows that exist.
          ...(column.default === null
            ? []
            : [sql`${on} ALTER COLUMN ${identifier(column.name)} SET DEFAULT ${raw(column.default)}`.text]),
        ]),
        sql`${on} ADD COLUMN ${filled} boolean`.text,
        sql`COMMENT ON COLUMN ${qualified(table)}.${filled} IS ${helperComment(migration)}`.text,
        ...trigger.create,
      ),
      undo: undoBy(
        transactional(
          ...trigger.drop,
          drop(exchange.filled),
          ...added.toReversed().map(({ change }) => drop(change.column.name)),
        ),
      ),
      notes: notesOf(exchange),
    },
    {
      phase: 'backfill',
      title: `Fill ${newNames} in existing rows of ${table.name}`,
      run: {
        kind: 'backfill',
        table: { schema: table.schema, name: table.name },
        alias: null,
        command: 'update',
        set: [
          ...exchange.new.map(({ name, expression }) => ({ column: name, expression })),
          { column: exchange.filled, expression: 'true' },
        ],
        where: null,
        guard: isUnfilled,
        verify: isUnfilled,
        batchSize: directives.batch.size,
        pauseMs: directives.batch.pauseMs,
      },
      undo: nothingToUndo,
      notes: [`Deploy the version that uses ${newNames} after this: rows that are not filled yet have no value there.`],
    },
    {
      phase: 'contract',
      title: `Count rows of ${table.name} that are not filled from ${oldNames}`,
      run: {
        kind: 'gate',
        what: `rows of ${table.name} have no ${newNames} from ${oldNames} yet`,
        countSql: sql`SELECT count(*) FROM ${qualified(table)} WHERE ${raw(isUnfilled)}`.text,
        sampleSql: noNullsGate(after, exchange.filled).sampleSql,
        hint: 'Something wrote past the trigger (session_replication_role, or a disabled trigger). Update these rows once, and the trigger fills them.',
      },
      undo: nothingToUndo,
      notes: [],
    },
    ...required.map(({ name }): StepDraft => ({
      phase: 'contract',
      title: `Count rows of ${table.name} without ${name}`,
      run: noNullsGate(after, name),
      undo: nothingToUndo,
      notes: [],
    })),
    ...required.flatMap(({ name, notNullName }) =>
      notNullSteps({ table: after, column: name, constraintName: notNullName }, catalog, migration, 'contract'),
    ),
    {
      phase: 'contract',
      title: `Drop ${oldNames} of ${table.name}, which ${newNames} ${exchange.new.length === 1 ? 'has' : 'have'} replaced`,
      run: transactional(
        ...trigger.drop,
        drop(exchange.filled),
        ...exchange.old.map(({ name }) => sql`${on} DROP COLUMN ${identifier(name)}`.text),
      ),
      undo: cannotUndo(`the values of ${oldNames} in ${table.name} are gone`),
      notes: [],
    },
  ];
}

function exchangeOf(
  table: Table,
  added: readonly Added[],
  dropped: readonly Dropped[],
  { catalog, migration }: PlanContext,
): Exchange {
  const oldNames = dropped.map(({ change }) => ({ name: change.column }));
  const newNames = added.map(({ change }) => ({ name: change.column.name }));
  const problem = added.map(({ change }) => newColumnProblem(change.column, catalog)).find((each) => each !== null);
  if (problem !== undefined && problem !== null) throw cannotExchange(table, newNames, oldNames, problem);
  return {
    catalog,
    migration,
    table,
    old: dropped.map(({ change, directives }): ExchangedColumn => {
      const column = columnOf(table, change.column);
      return {
        name: change.column,
        type: column?.type ?? 'text',
        collation: column?.collation ?? null,
        default: column?.default ?? null,
        required: column?.notNull ?? false,
        expression: directives.reverse ?? missing('reverse', table, change.column, change.sql, newNames),
      };
    }),
    new: added.map(({ change: { column, sql: statement }, directives }): ExchangedColumn => ({
      name: column.name,
      type: column.type,
      collation: column.collation,
      default: column.default,
      required: false,
      expression: directives.using ?? missing('using', table, column.name, statement, oldNames),
    })),
    filled: derivedName('sync', migration, table, ...newNames.map(({ name }) => name), 'filled'),
  };
}

function missing(
  directive: 'using' | 'reverse',
  table: Table,
  column: string,
  statement: string,
  other: readonly { readonly name: string }[],
): never {
  const who = directive === 'using' ? 'the old version goes on writing' : 'the new version writes';
  throw new MigrateError(
    'VALUE_REQUIRED',
    `${table.name}.${column} has no value in the rows that ${who}: they have ${listed(other)} only.`,
    {
      hint: `Write the value above the statement, as an expression over ${listed(other)}:\n  -- migrate:${directive} ${other[0]?.name ?? ''}\n  ${statement};`,
      details: { table: table.name, schema: table.schema, column },
    },
  );
}

function notesOf({ old, new: added, table }: Exchange): readonly string[] {
  const needed = old.filter((column) => column.required);
  const defaulted = old.filter((column) => column.default !== null);
  return [
    `Where migrate:reverse does not give back what migrate:using was made from, ${listed(old)} changes when the new version changes ${listed(added)} of that row.`,
    ...(needed.length === 0
      ? []
      : [
          `${listed(needed)} of ${table.name} stays NOT NULL until contract: migrate:reverse must have a value for every row that the new version writes.`,
        ]),
    ...(defaulted.length === 0
      ? []
      : [
          `A row that the new version inserts with nothing in ${listed(added)} is taken for one of the old version that leaves out ${listed(defaulted)}.`,
        ]),
  ];
}

function withColumns(table: Table, added: readonly Added[], catalog: Catalog): Table {
  const folded = added.reduce(
    (before, { change: { column } }) => foldColumn(before, table, { ...column, notNull: false }),
    catalog,
  );
  return resolveTable(folded, table) ?? table;
}

function listed(columns: readonly { readonly name: string }[]): string {
  return columns.map(({ name }) => name).join(', ');
}
