/**
 * A foreign key of a partitioned table before Postgres 18, which takes no NOT VALID there: the statements for a person to
 * write. Several rules end in it.
 *
 * The parent takes over a partition's own key when it is the same and validated, and looks up nothing then.
 */
import { resolveTable } from '../catalog/lookup.ts';
import type { ChangeOf, RelationName } from '../operations/change.ts';
import { chosenConstraintName } from '../operations/pieces/chosen-name.ts';
import { leafPartitionsOf } from '../operations/pieces/table-family.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import { validateSql } from './not-valid-recipe.ts';
import type { Report, RuleContext } from './rule.ts';
import { script } from './script.ts';

export function partitionedForeignKeyAdvice(
  context: RuleContext<ChangeOf<'add_foreign_key'>>,
): Pick<Report, 'instead' | 'fix'> {
  const { change, catalog, inTransaction } = context;
  const parent = resolveTable(catalog, change.table);
  if (parent === null) return {};
  const name = chosenConstraintName(catalog, parent, change.constraint);
  const add = (table: RelationName) =>
    sql`ALTER TABLE ${qualified(table)} ADD CONSTRAINT ${identifier(name)} ${raw(change.constraint.definition)}`.text;
  const statements = [
    ...leafPartitionsOf(catalog, parent).flatMap((partition) => {
      const table = { schema: partition.schema, name: partition.name };
      return [`${add(table)} NOT VALID`, validateSql(table, name)];
    }),
    add(change.table),
  ];
  const outside = inTransaction
    ? ', each statement in a migration of its own'
    : ', each statement in its own transaction';
  return {
    instead: {
      text: `Add it to each partition first; the parent takes over what is validated there${outside}:`,
      sql: script(...statements),
    },
    ...(inTransaction ? {} : { fix: statements }),
  };
}
