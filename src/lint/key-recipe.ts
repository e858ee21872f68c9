/**
 * A unique or primary key whose index is built without blocking writes and attached afterwards: the statements for a
 * person to write. Several rules end in it.
 *
 * USING INDEX takes ACCESS EXCLUSIVE for a moment and builds nothing (measured: add_unique.using_index). It wants the
 * columns of a primary key to be NOT NULL already, else it looks for NULLs in all rows (add_primary_key.using_index_nullable).
 */
import { resolveTable } from '../catalog/lookup.ts';
import type { ChangeOf } from '../operations/change.ts';
import { chosenConstraintName } from '../operations/pieces/chosen-name.ts';
import { createIndexSql } from '../operations/pieces/concurrent-index.ts';
import { isTemporal, keyIndexStatement } from '../operations/pieces/constraint-in-catalog.ts';
import { writtenConstraint } from '../operations/pieces/constraint-statement.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import { notNullRecipe } from './not-null-recipe.ts';
import type { Report, RuleContext } from './rule.ts';
import { script } from './script.ts';
import { throughSecondTable } from './second-table-recipe.ts';

type Context = RuleContext<ChangeOf<'add_unique'>>;

/** Statements without semicolons, in order. */
export function keyRecipe(context: Context): readonly string[] {
  const { change, catalog } = context;
  const { constraint } = change;
  const own = resolveTable(catalog, change.table);
  const name = own === null ? (constraint.name ?? '') : chosenConstraintName(catalog, own, constraint);
  const on = { schema: change.table.schema ?? '', name: change.table.name }; // the emitter leaves out an empty schema
  const statement = keyIndexStatement(writtenConstraint(change.sql), constraint);
  const kind = constraint.kind === 'primary_key' ? 'PRIMARY KEY' : 'UNIQUE';
  const deferred = constraint.initiallyDeferred
    ? ' DEFERRABLE INITIALLY DEFERRED'
    : constraint.deferrable
      ? ' DEFERRABLE'
      : '';
  return [
    ...nullableKeyColumns(context).flatMap((column) => notNullRecipe(catalog, change.table, column)),
    createIndexSql({ statement, name, on }, { concurrently: true, only: false }),
    sql`ALTER TABLE ${qualified(change.table)} ADD CONSTRAINT ${identifier(name)} ${raw(kind)} USING INDEX ${identifier(name)}${raw(deferred)}`
      .text,
  ];
}

/**
 * The recipe as advice and fix; nothing for a partitioned table, whose key cannot take an index that is there. Nor can a key
 * WITHOUT OVERLAPS.
 */
export function keyAdvice(context: Context): Pick<Report, 'instead' | 'fix'> {
  const { change, inTransaction } = context;
  if (context.table(change.table)?.kind === 'partitioned') return {};
  if (isTemporal(change.constraint)) return { instead: throughSecondTable(change) };
  const statements = keyRecipe(context);
  const outside = inTransaction ? ', the index in a migration that runs outside a transaction' : '';
  return {
    instead: {
      text: `Build the index without blocking writes, and make it the key${outside}:`,
      sql: script(...statements),
    },
    ...(inTransaction ? {} : { fix: statements }),
  };
}

/** Columns that the primary key makes NOT NULL, as far as they are known. */
export function nullableKeyColumns({ change, column, catalog }: Context): readonly string[] {
  const { constraint, table } = change;
  if (constraint.kind !== 'primary_key') return [];
  const index = resolveTable(catalog, table)?.indexes.find(({ name }) => name === constraint.usingIndex);
  const columns = index === undefined ? constraint.columns : index.keys.flatMap((key) => key.column ?? []);
  return columns.filter((name) => column(table, name)?.notNull === false);
}
