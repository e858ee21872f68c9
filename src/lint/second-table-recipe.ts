/**
 * A second table that has the constraint from the beginning, for what cannot be added to a table without blocking it: an
 * exclusion, and a key WITHOUT OVERLAPS. Both are GiST indexes, of which USING INDEX makes no constraint.
 */
import type { ChangeOf } from '../operations/change.ts';
import { makeObjectName } from '../postgres/names.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import type { Suggestion } from './finding.ts';
import { later, script } from './script.ts';

export function throughSecondTable(change: ChangeOf<'add_unique'>): Suggestion {
  const { schema, name } = change.table;
  const second = makeObjectName(name, null, 'new');
  const table = qualified(change.table);
  const fresh = qualified({ schema, name: second });
  const constraint = change.constraint.name === null ? raw('') : sql`CONSTRAINT ${identifier(change.constraint.name)} `;
  return {
    text: 'Fill a second table that has the constraint from the beginning while everybody goes on, and swap the two:',
    sql: script(
      sql`CREATE TABLE ${fresh} (LIKE ${table} INCLUDING ALL)`,
      sql`ALTER TABLE ${fresh} ADD ${constraint}${raw(change.constraint.definition)}`,
      '-- Let a trigger write every change to both, and copy the rows that are there, in batches:',
      ...later(sql`INSERT INTO ${fresh} OVERRIDING SYSTEM VALUE SELECT * FROM ${table} WHERE …`),
      '-- In a later migration, in one transaction, when the second table has the keys and triggers of the first:',
      ...later(
        sql`ALTER TABLE ${table} RENAME TO ${identifier(makeObjectName(name, null, 'old'))}`,
        sql`ALTER TABLE ${fresh} RENAME TO ${identifier(name)}`,
      ),
    ),
  };
}
