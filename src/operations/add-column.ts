/**
 * ADD COLUMN (rows 2–5).
 *
 * Nullable, or with a default that is not volatile: Postgres ≥ 11 keeps the value in the catalog and touches no row
 * (measured: add_column.const_default, .now_default), so it runs as written. A volatile default, serial or identity would
 * rewrite the table (add_column.clock_timestamp_default, .serial): the column comes without it, the default is set for
 * new rows in the same transaction, and the existing rows are filled in batches. NOT NULL without a default needs a value
 * for the rows that exist and for those that the old application goes on writing: `migrate:using`.
 *
 * `REFERENCES`, `UNIQUE` and `CHECK` behind the column become changes of their own.
 */
import { resolveName, resolveTable, columnOf, relationExists } from '../catalog/lookup.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import { chooseName } from '../postgres/names.ts';
import { emit } from '../sql/emit.ts';
import { parseExpression } from '../sql/parse.ts';
import { columnReferences } from '../sql/walk.ts';
import { identifier, literal, qualified, raw, sql } from '../sql/template.ts';
import type { AddColumn, Change, ColumnSpec, ConstraintSpec, RelationName } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { columnSpec } from './decode/column-spec.ts';
import { noEffects } from './effects.ts';
import type { Operation, PlanContext } from './operation.ts';
import { isConstrainedDomain } from './pieces/domain-base.ts';
import { exchangeSteps } from './pieces/column-exchange.ts';
import { columnSql } from './pieces/column-sql.ts';
import { directStep } from './pieces/direct.ts';
import { isExchanged } from './pieces/exchange-link.ts';
import { expressionVolatility } from './pieces/expression-volatility.ts';
import { fillBackfill, fillTrigger, trial } from './pieces/fill.ts';
import { foldColumn } from './pieces/fold-column.ts';
import { lockOnFamily } from './pieces/locks.ts';
import { noNullsGate, notNullSteps } from './pieces/not-null.ts';
import { relationSql } from './pieces/relation-sql.ts';
import { familyOf, withRows } from './pieces/table-family.ts';
import { nothingToUndo, transactional, undoBy, type StepDraft } from './step-draft.ts';
import { touchColumn, touchRows, touchType } from './touch.ts';

/** Column constraints that stay part of the column itself. */
const ownConstraints: ReadonlySet<string | undefined> = new Set([
  'CONSTR_NOTNULL',
  'CONSTR_NULL',
  'CONSTR_DEFAULT',
  'CONSTR_GENERATED',
  'CONSTR_IDENTITY',
]);

export const addColumn: Operation<AddColumn> = {
  kind: 'add_column',

  decode(part) {
    const add = tableCommand(part, 'AT_AddColumn');
    const def = add?.command.def;
    if (add === null || def === undefined || !('ColumnDef' in def)) return null;
    const { table, ifTableExists, command, range } = add;
    const { column, constraints } = columnSpec(def.ColumnDef);
    const alone =
      constraints.length === 0
        ? part.sql
        : emit({
            AlterTableStmt: {
              relation: range,
              cmds: [
                {
                  AlterTableCmd: {
                    ...command,
                    def: {
                      ColumnDef: {
                        ...def.ColumnDef,
                        constraints: (def.ColumnDef.constraints ?? []).filter(
                          (node) => 'Constraint' in node && ownConstraints.has(node.Constraint.contype),
                        ),
                      },
                    },
                  },
                },
              ],
              objtype: 'OBJECT_TABLE',
              missing_ok: ifTableExists,
            },
          });
    return [
      { kind: 'add_column', sql: alone, table, ifTableExists, column, ifNotExists: command.missing_ok === true },
      ...constraints.map((constraint) => constraintChange(table, ifTableExists, constraint)),
    ];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    return table === null ? catalog : foldColumn(catalog, table, change.column);
  },

  touches: (change, catalog) => ({
    reads: [touchType(catalog, change.column.type), ...generatedFrom(change, catalog)],
    writes: [touchColumn(catalog, change.table, change.column.name)],
  }),

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return noEffects;
    const { column } = change;
    const exists = columnOf(table, column.name) !== null;
    const rewrite = !exists && rewrites(column, catalog);
    return {
      ...noEffects,
      locks: lockOnFamily(catalog, table, 'ACCESS EXCLUSIVE'),
      rewrites: rewrite ? withRows(familyOf(catalog, table)) : [],
      // NOT NULL without a value is checked row by row, and fails at the first one (measured: not_null_no_default_empty).
      scans: !exists && !rewrite && needsValue(column) ? withRows(familyOf(catalog, table)) : [],
    };
  },

  plan(change, context) {
    const { catalog } = context;
    const table = resolveTable(catalog, change.table);
    const { column } = change;
    if (table === null) return [directStep('expand', change.sql, nothingToUndo)];
    if (columnOf(table, column.name) !== null && change.ifNotExists) return [];
    const dropped = context.companions.flatMap((one) =>
      one.change.kind === 'drop_column' ? [{ ...one, change: one.change }] : [],
    );
    if (dropped.length > 0) {
      const added = context.companions.flatMap((one) =>
        one.change.kind === 'add_column' ? [{ ...one, change: one.change }] : [],
      );
      return exchangeSteps(table, [{ change, directives: context.directives }, ...added], dropped, context);
    }
    const isChecked = isConstrainedDomain(catalog, column.type);
    if (needsValue(column) && !isChecked) return requiredColumn(change, table, context);
    if (context.directives.using !== null && !isChecked)
      return optionalColumn(change, table, context.directives.using, context);
    if (!rewrites(column, catalog)) return [directStep('expand', change.sql, addColumn.undo(change, catalog))];
    const comesLater = column.default !== null && column.generated === null && column.identity === null && !isChecked;
    if (column.serial !== null || comesLater) {
      return volatileDefault(change, table, context);
    }
    if (context.isSmall(table)) {
      const note = `Reads and writes of ${table.name} wait while it is written anew; it is small.`;
      const undo = addColumn.undo(change, catalog);
      return [{ ...directStep('expand', change.sql, undo, [note]), exemption: 'small table' }];
    }
    throw new MigrateError(
      'CANNOT_PLAN',
      `Adding ${table.name}.${column.name} writes every row of ${table.name} anew while all reads and writes wait, because ${rewriteReason(column)}.`,
      {
        hint: `On a table that is small enough for that, say so above the statement: -- migrate:raw -- <reason>. Otherwise add a plain column and fill it: -- migrate:using <expression>.`,
        details: { table: table.name, column: column.name },
      },
    );
  },

  /** A column that the same migration drops, when one of the two is made from the other. */
  joins: (change, later, { catalog, directives }) =>
    later.change.kind === 'drop_column' &&
    isExchanged({ change, directives }, { change: later.change, directives: later.directives }, catalog),

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const name = resolveName(catalog, change.table);
    if (table !== null && columnOf(table, change.column.name) !== null) return nothingToUndo;
    return undoBy(
      transactional(sql`ALTER TABLE ${qualified(name)} DROP COLUMN IF EXISTS ${identifier(change.column.name)}`.text),
    );
  },
};

/** What a generated column is computed from: a stored one for each row that is there, so it matters what the rows hold. */
function generatedFrom({ table, column: { generated } }: AddColumn, catalog: Catalog): readonly string[] {
  if (generated === null) return [];
  const names = columnReferences(parseExpression(generated.expression)).map(({ column }) => column);
  const columns = [...new Set(names)].map((name) => touchColumn(catalog, table, name));
  return generated.kind === 'stored' ? [touchRows(catalog, table), ...columns] : columns;
}

function constraintChange(table: RelationName, ifTableExists: boolean, constraint: ConstraintSpec): Change {
  const name = constraint.name === null ? raw('') : sql`CONSTRAINT ${identifier(constraint.name)} `;
  const text =
    sql`ALTER TABLE ${raw(ifTableExists ? 'IF EXISTS ' : '')}${relationSql(table)} ADD ${name}${raw(constraint.definition)}`
      .text;
  const kind =
    constraint.kind === 'foreign_key' ? 'add_foreign_key' : constraint.kind === 'check' ? 'add_check' : 'add_unique';
  return { kind, sql: text, table, ifTableExists, constraint };
}

/** NOT NULL without anything that gives existing rows a value. */
function needsValue(column: ColumnSpec): boolean {
  return (
    column.notNull &&
    column.default === null &&
    column.generated === null &&
    column.identity === null &&
    column.serial === null
  );
}

function rewrites(column: ColumnSpec, catalog: Catalog): boolean {
  if (column.serial !== null || column.identity !== null || column.generated?.kind === 'stored') return true;
  if (isConstrainedDomain(catalog, column.type)) return true;
  return column.default !== null && expressionVolatility(parseExpression(column.default), catalog) !== 'not volatile';
}

function rewriteReason(column: ColumnSpec): string {
  if (column.identity !== null) return 'an identity column numbers the rows that exist';
  if (column.generated !== null) return 'a stored generated column is computed for the rows that exist';
  return 'the type is a domain with a constraint, which is checked for the rows that exist';
}

/** Row 5: column and fill trigger in one transaction, so that no row is ever written without a value. */
function requiredColumn(change: AddColumn, table: Table, context: PlanContext): readonly StepDraft[] {
  const { column } = change;
  const { catalog, migration, directives } = context;
  if (directives.using === null) {
    throw new MigrateError(
      'VALUE_REQUIRED',
      `${table.name}.${column.name} is NOT NULL without a default: the rows of ${table.name} that exist, and those that the running application goes on writing, have no value for it.`,
      {
        hint: `Write the value above the statement, as an expression over the row:\n  -- migrate:using ${exampleValue(column)}\n  ${change.sql};`,
        details: { table: table.name, schema: table.schema, column: column.name, type: column.type },
      },
    );
  }
  const fill = { table, column: column.name, expression: directives.using };
  const trigger = fillTrigger(fill, catalog, migration);
  const withColumn = addColumn.apply(catalog, { ...change, column: { ...column, notNull: false } });
  const current = resolveTable(withColumn, change.table) ?? table;
  const add = sql`ALTER TABLE ${qualified(table)} ADD COLUMN ${columnSql({ ...column, notNull: false })}`.text;
  return [
    ...trial(fill, context),
    {
      phase: 'expand',
      title: `Add column ${table.name}.${column.name}, filled for whoever does not know it`,
      run: transactional(add, ...trigger.create),
      undo: undoBy(
        transactional(
          ...trigger.drop,
          sql`ALTER TABLE ${qualified(table)} DROP COLUMN IF EXISTS ${identifier(column.name)}`.text,
        ),
      ),
      notes: [],
    },
    fillBackfill(fill, context),
    {
      phase: 'contract',
      title: `Count rows of ${table.name} without ${column.name}`,
      run: noNullsGate(current, column.name),
      undo: nothingToUndo,
      notes: [],
    },
    ...notNullSteps(
      { table: current, column: column.name, constraintName: column.notNullName },
      catalog,
      migration,
      'contract',
    ),
    {
      phase: 'contract',
      title: `Stop filling ${table.name}.${column.name}`,
      run: transactional(...trigger.drop),
      undo: nothingToUndo,
      notes: [],
    },
  ];
}

/** A column that may be empty, with a value for the rows that exist and for those of the old version. */
function optionalColumn(
  change: AddColumn,
  table: Table,
  expression: string,
  context: PlanContext,
): readonly StepDraft[] {
  const { column } = change;
  const name = `${table.name}.${column.name}`;
  if (column.default !== null || column.generated !== null || column.identity !== null || column.serial !== null) {
    throw new MigrateError(
      'CANNOT_PLAN',
      `${name} has a value of its own, which the rows that exist get: migrate:using would give them another one.`,
      {
        hint: 'Leave one of the two out. For other values in the rows that exist, write an UPDATE below this statement.',
        details: { table: table.name, schema: table.schema, column: column.name },
      },
    );
  }
  const fill = { table, column: column.name, expression };
  const trigger = fillTrigger(fill, context.catalog, context.migration);
  const backfill = fillBackfill(fill, context);
  return [
    {
      phase: 'expand',
      title: `Add column ${name}, filled for whoever does not know it`,
      run: transactional(change.sql, ...trigger.create),
      undo: undoBy(
        transactional(
          ...trigger.drop,
          sql`ALTER TABLE ${qualified(table)} DROP COLUMN IF EXISTS ${identifier(column.name)}`.text,
        ),
      ),
      notes: [`Until contract, a row that is written with NULL in ${column.name} gets the value, too.`],
    },
    // The value may be NULL for some rows.
    backfill.run.kind === 'backfill' ? { ...backfill, run: { ...backfill.run, verify: null } } : backfill,
    {
      phase: 'contract',
      title: `Stop filling ${name}`,
      run: transactional(...trigger.drop),
      undo: nothingToUndo,
      notes: [],
    },
  ];
}

/** Row 4: the default for new rows first, then the existing rows in batches, each with a value of its own. */
function volatileDefault(change: AddColumn, table: Table, context: PlanContext): readonly StepDraft[] {
  const { column } = change;
  const { catalog, migration, directives } = context;
  const on = qualified(table);
  const of = identifier(column.name);
  const sequence =
    column.serial === null
      ? null
      : {
          schema: table.schema,
          name: chooseName({ table: table.name, columns: [column.name], label: 'seq' }, (name) =>
            relationExists(catalog, { schema: table.schema, name }),
          ),
        };
  const expression =
    sequence === null ? (column.default ?? 'NULL') : sql`nextval(${literal(qualified(sequence).text)}::regclass)`.text;
  const plain = columnSql({ ...column, default: null, serial: null, notNull: false });
  const statements = [
    ...(sequence === null ? [] : [sql`CREATE SEQUENCE ${qualified(sequence)} AS ${raw(column.type)}`.text]),
    sql`ALTER TABLE ${on} ADD COLUMN ${plain}`.text,
    sql`ALTER TABLE ${on} ALTER COLUMN ${of} SET DEFAULT ${raw(expression)}`.text,
    ...(sequence === null ? [] : [sql`ALTER SEQUENCE ${qualified(sequence)} OWNED BY ${on}.${of}`.text]),
  ];
  const withColumn =
    resolveTable(
      addColumn.apply(catalog, { ...change, column: { ...column, notNull: false, serial: null } }),
      change.table,
    ) ?? table;
  const missing = sql`${of} IS NULL`.text;
  return [
    {
      phase: 'expand',
      title: `Add column ${table.name}.${column.name} with its default for new rows`,
      run: transactional(...statements),
      undo: undoBy(transactional(sql`ALTER TABLE ${on} DROP COLUMN IF EXISTS ${of}`.text)),
      notes: column.notNull
        ? []
        : [`A row whose ${column.name} is set to NULL before the backfill has passed it gets a value like the others.`],
    },
    {
      phase: 'backfill',
      title: `Give existing rows of ${table.name} their ${column.name}`,
      run: {
        kind: 'backfill',
        table: { schema: table.schema, name: table.name },
        alias: null,
        command: 'update',
        set: [{ column: column.name, expression }],
        where: null,
        guard: missing,
        verify: column.notNull ? missing : null,
        batchSize: directives.batch.size,
        pauseMs: directives.batch.pauseMs,
      },
      undo: nothingToUndo,
      notes: [],
    },
    ...(column.notNull
      ? [
          {
            phase: 'contract' as const,
            title: `Count rows of ${table.name} without ${column.name}`,
            run: noNullsGate(withColumn, column.name),
            undo: nothingToUndo,
            notes: [],
          },
          ...notNullSteps(
            { table: withColumn, column: column.name, constraintName: column.notNullName },
            catalog,
            migration,
            'contract',
          ),
        ]
      : []),
  ];
}

/** A value of the right type to begin with, for the line that the error shows. */
function exampleValue(column: ColumnSpec): string {
  if (/^(smallint|integer|bigint|numeric|real|double precision)/.test(column.type)) return '0';
  if (column.type.startsWith('boolean')) return 'false';
  if (/^(timestamp|date|time)/.test(column.type)) return 'now()';
  if (column.type.startsWith('uuid')) return 'gen_random_uuid()';
  if (/^jsonb?/.test(column.type)) return "'{}'";
  return "''";
}
