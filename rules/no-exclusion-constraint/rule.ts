/**
 * ADD … EXCLUDE on a table in use.
 *
 * It builds its index under ACCESS EXCLUSIVE (measured: add_exclude, create_exclusion), and there is no way around that:
 * only a unique index can be made a constraint afterwards, and an exclusion knows no NOT VALID. What remains is a second
 * table that has the constraint from the beginning.
 */
import {
  defineRule,
  identifier,
  later,
  makeObjectName,
  nameText,
  qualified,
  raw,
  script,
  sql,
} from '../../src/rule-sdk.ts';
import { whoWaitsFor, type ChangeOf, type RuleContext, type Suggestion } from '../../src/rule-sdk.ts';

export const noExclusionConstraint = defineRule({
  id: 'no-exclusion-constraint',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'An exclusion constraint builds its index while all reads and writes wait, and there is no other way.',
  kinds: ['add_unique'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, isNew } = context;
    if (change.constraint.kind !== 'exclusion' || isNew(change.table) || effects.indexBuilds.length === 0) return null;
    const table = nameText(change.table);
    return {
      message:
        `This builds an index over every row of ${table} while it holds an ACCESS EXCLUSIVE lock: ` +
        `${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead: throughSecondTable(context),
    };
  },
});

function throughSecondTable({ change }: RuleContext<ChangeOf<'add_unique'>>): Suggestion {
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
