/**
 * NOT NULL on a column that has its values, without a scan that blocks: the statements for a person to write. Several
 * rules end in it.
 *
 * Up to Postgres 17 a validated CHECK proves that no row is NULL, so that SET NOT NULL need not look (measured:
 * set_not_null.with_valid_check); 18 validates NOT NULL itself (add_not_null_constraint.not_valid). Each statement needs
 * a transaction of its own: otherwise the lock of the first one is held during the scan of the second.
 */
import { blankTable } from '../catalog/blank.ts';
import { resolveName, resolveTable } from '../catalog/lookup.ts';
import type { Catalog } from '../catalog/model.ts';
import type { RelationName } from '../operations/change.ts';
import { notNullName } from '../operations/pieces/not-null.ts';
import { has } from '../postgres/version.ts';
import { identifier, qualified, sql } from '../sql/template.ts';

/** Statements without semicolons, in order. `constraint` is the name that a person gave it, or null. */
export function notNullRecipe(
  catalog: Catalog,
  table: RelationName,
  column: string,
  constraint: string | null = null,
): readonly string[] {
  const known = resolveTable(catalog, table) ?? blankTable(resolveName(catalog, table));
  const name = identifier(constraint ?? notNullName(known, column));
  const on = sql`ALTER TABLE ${qualified(table)}`;
  const of = identifier(column);
  if (has(catalog.version, 'nativeNotNullNotValid')) {
    return [
      sql`${on} ADD CONSTRAINT ${name} NOT NULL ${of} NOT VALID`.text,
      sql`${on} VALIDATE CONSTRAINT ${name}`.text,
    ];
  }
  return [
    sql`${on} ADD CONSTRAINT ${name} CHECK (${of} IS NOT NULL) NOT VALID`.text,
    sql`${on} VALIDATE CONSTRAINT ${name}`.text,
    sql`${on} ALTER COLUMN ${of} SET NOT NULL`.text,
    sql`${on} DROP CONSTRAINT ${name}`.text,
  ];
}
