/**
 * A constraint that is added without a look at the rows and validated afterwards: the statements for a person to write.
 * Several rules end in it.
 *
 * NOT VALID takes its lock for a moment; VALIDATE reads the rows under SHARE UPDATE EXCLUSIVE, which holds up nobody
 * (measured: add_check.not_valid, validate_check, validate_fk). Each needs a transaction of its own: otherwise the lock of
 * the first is held during the scan of the second.
 */
import { resolveTable } from '../catalog/lookup.ts';
import type { ChangeOf, RelationName } from '../operations/change.ts';
import { chosenConstraintName } from '../operations/pieces/chosen-name.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import type { RuleContext } from './rule.ts';

type Context = RuleContext<ChangeOf<'add_check' | 'add_foreign_key'>>;

/** Statements without semicolons, in order. */
export function notValidRecipe(context: Context): readonly string[] {
  const { change, catalog } = context;
  const own = resolveTable(catalog, change.table);
  const name = own === null ? (change.constraint.name ?? '') : chosenConstraintName(catalog, own, change.constraint);
  return [notValid(context, name), validateSql(change.table, name)];
}

/** In the person's own words where the constraint has a name; VALIDATE needs one. */
function notValid({ change, written, isInline }: Context, name: string): string {
  if (change.constraint.name !== null && !isInline) return `${written} NOT VALID`;
  return sql`ALTER TABLE ${qualified(change.table)} ADD CONSTRAINT ${identifier(name)} ${raw(change.constraint.definition)} NOT VALID`
    .text;
}

export function validateSql(table: RelationName, name: string): string {
  return sql`ALTER TABLE ${qualified(table)} VALIDATE CONSTRAINT ${identifier(name)}`.text;
}

/** The statement that adds the column behind which the constraint is written: it stays, and comes first. */
export function columnOfInline({ isInline, preceding }: RuleContext): readonly string[] {
  const column = isInline ? preceding().findLast((change) => change.kind === 'add_column') : undefined;
  return column === undefined ? [] : [column.sql];
}
