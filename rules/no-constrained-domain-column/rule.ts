/**
 * ADD COLUMN of a domain that has a constraint.
 *
 * Postgres writes every row anew under ACCESS EXCLUSIVE to see that the domain's rule holds, even when the column has no
 * default and is NULL everywhere (measured: add_column.domain_with_check). A domain without a rule costs nothing.
 */
import {
  baseTypeOf,
  defineRule,
  identifier,
  isConstrainedDomain,
  makeObjectName,
  nameText,
  qualified,
  raw,
  script,
  sql,
  validateSql,
  whoWaitsFor,
} from '../../src/rule-sdk.ts';

export const noConstrainedDomainColumn = defineRule({
  id: 'no-constrained-domain-column',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'ADD COLUMN of a domain with a constraint writes the whole table anew while all reads and writes wait.',
  kinds: ['add_column'],
  severityOnSmallTable: 'info',

  check({ change, effects, catalog, isNew, inTransaction }) {
    const { column, table: name } = change;
    if (isNew(name) || effects.rewrites.length === 0 || !isConstrainedDomain(catalog, column.type)) return null;
    if (column.generated !== null) return null;
    const table = nameText(name);
    const on = sql`ALTER TABLE ${qualified(name)}`;
    const check = makeObjectName(name.name, column.name, 'check');
    const rule = sql`${identifier(column.name)}::${raw(column.type)} = ${identifier(column.name)}`;
    const outside = inTransaction ? ' in a later migration' : ' in a transaction of its own';
    return {
      message:
        `The domain ${column.type} has a constraint, so every row of ${table} is written anew to check it, under an ` +
        `ACCESS EXCLUSIVE lock: ${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead: {
        text: `Add it with the type behind the domain and a check of its own, and validate that${outside}:`,
        sql: script(
          sql`${on} ADD COLUMN ${identifier(column.name)} ${raw(baseTypeOf(catalog, column.type))}`,
          sql`${on} ADD CONSTRAINT ${identifier(check)} CHECK (${rule}) NOT VALID`,
          validateSql(name, check),
        ),
      },
    };
  },
});
