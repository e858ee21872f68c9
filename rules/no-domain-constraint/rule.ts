/**
 * ALTER DOMAIN … ADD CONSTRAINT, VALIDATE CONSTRAINT and SET NOT NULL.
 *
 * Each table with a column of the domain is locked with SHARE and read from end to end (measured:
 * alter_domain_add_check, alter_domain_validate, alter_domain_set_not_null). NOT VALID looks at nothing. Not reported: a
 * domain that no table in use has a column of, as far as the files tell.
 */
import { defineRule, identifier, nameText, qualified, raw, script, sql } from '../../src/rule-sdk.ts';

export const noDomainConstraint = defineRule({
  id: 'no-domain-constraint',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'A new constraint of a domain reads every table that uses the domain while writes to all of them wait.',
  kinds: ['alter_domain'],

  check({ change, effects, isNew }) {
    const read = effects.scans.filter((table) => !isNew(table));
    if (read.length === 0) return null;
    const tables = read.map(({ name }) => nameText({ schema: null, name })).join(' and ');
    const domain = nameText(change.domain);
    return {
      message: `This reads every row of ${tables}, which have columns of ${domain}, under a SHARE lock: writes to ${tables} wait until it is done, reads go on.`,
      instead: {
        text: 'Let the rule hold for new values only, and look for old ones that break it with a query:',
        sql: script(
          sql`ALTER DOMAIN ${qualified(change.domain)} ADD CONSTRAINT ${identifier(change.constraint ?? `${change.domain.name}_check`)} ${raw(change.definition ?? 'CHECK (VALUE IS NOT NULL)')} NOT VALID`,
        ),
      },
    };
  },
});
