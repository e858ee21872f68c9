/**
 * The condition that two values of one column's type are not the same value.
 *
 * `IS DISTINCT FROM` asks the type's `=`, which is not always identity: 1.0 = 1.00, 'A'::citext = 'a', interval '1 day' =
 * '24 hours', any two boxes of one area; json and xml have no `=` at all, and an extension's may be outside of the
 * search path. A trigger or a backfill that trusted it would silently leave such a difference uncopied. So only types
 * whose equality is identity use it; all others are compared by their bytes, with the record image operator
 * (https://www.postgresql.org/docs/current/functions-comparisons.html#COMPOSITE-TYPE-COMPARISON), which treats two NULLs
 * as the same.
 */
import { parseTypeText } from '../../postgres/type-text.ts';
import { sql, type SqlFragment } from '../../sql/template.ts';

/** What is compared: the type as format_type spells it, and the collation where it is not the type's own. */
export type ComparedType = { readonly type: string; readonly collation: string | null };

const typesOfExactEquality: ReadonlySet<string> = new Set([
  'smallint',
  'integer',
  'bigint',
  'oid',
  'boolean',
  'date',
  'time without time zone',
  'timestamp without time zone',
  'timestamp with time zone',
  'uuid',
  'bytea',
  'text', // of the database's collation, which is always deterministic
  'character varying',
]);

export function equalityIsIdentity({ type, collation }: ComparedType): boolean {
  const { name, arrayDimensions } = parseTypeText(type);
  return arrayDimensions === 0 && collation === null && typesOfExactEquality.has(name);
}

/** Both sides must be of the very same type (a record image comparison refuses anything else). */
export function differ(compared: ComparedType, left: SqlFragment, right: SqlFragment): SqlFragment {
  return equalityIsIdentity(compared)
    ? sql`${left} IS DISTINCT FROM ${right}`
    : sql`record_image_ne(ROW(${left}), ROW(${right}))`;
}
