/**
 * ALTER COLUMN … TYPE that writes nothing anew, yet has a CHECK over the column looked through.
 *
 * varchar(50) → varchar(100) and the like take a moment; but every CHECK that uses the column is made anew for all rows
 * under ACCESS EXCLUSIVE (measured: type.varchar50_to_100_with_check). Taken out of its way in the same ALTER TABLE and put
 * back NOT VALID, nothing is read. What writes rows or indexes anew is no-column-type-rewrite's.
 */
import { defineRule, identifier, nameText, qualified, raw, script, sql, validateSql } from '../../src/rule-sdk.ts';
import { typeName, whoWaitsFor, type ChangeOf, type RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'alter_column_type'>>;

export const noColumnTypeRescan = defineRule({
  id: 'no-column-type-rescan',
  severity: 'warning',
  set: 'recommended',
  group: 'locks',
  summary: 'A type change makes the checks over its column anew for every row while all reads and writes wait.',
  kinds: ['alter_column_type'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, inTransaction, isNew } = context;
    if (isNew(change.table) || effects.scans.length === 0) return null;
    if (effects.rewrites.length > 0 || effects.indexBuilds.length > 0) return null;
    const checks = checksOver(context);
    if (checks.length === 0) return null;
    const table = nameText(change.table);
    const names = checks.map(({ name }) => identifier(name).text);
    const column = identifier(change.column).text;
    const which = names.length === 1 ? `the check ${names.join('')}` : `the checks ${names.join(' and ')}`;
    const outside = inTransaction ? ', in a later migration' : ', in a transaction of its own';
    return {
      message:
        `Changing ${column} to ${typeName(change.type)} writes no row, but ${which} over it is made anew for every row ` +
        `of ${table} under an ACCESS EXCLUSIVE lock: ${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead: {
        text: `Take it out of the way in the same statement, and have it validated without blocking anybody${outside}:`,
        sql: script(...apart(context, checks)),
      },
    };
  },
});

type Checks = ReturnType<typeof checksOver>;

function checksOver({ change, table }: Context) {
  const checks = table(change.table)?.constraints ?? [];
  return checks.filter(
    ({ kind, enforced, columns }) => kind === 'check' && enforced && columns.includes(change.column),
  );
}

function apart({ change }: Context, checks: Checks): readonly string[] {
  const drops = checks.map(({ name }) => sql`DROP CONSTRAINT ${identifier(name)}`.text);
  const adds = checks.map(
    ({ name, definition }) => sql`ADD CONSTRAINT ${identifier(name)} ${raw(definition)} NOT VALID`.text,
  );
  const type = sql`ALTER COLUMN ${identifier(change.column)} TYPE ${raw(typeName(change.type))}`.text;
  const collate = change.collation === null ? '' : ` COLLATE ${change.collation}`;
  const using = change.using === null ? '' : ` USING ${change.using}`;
  const on = sql`ALTER TABLE ${qualified(change.table)}`.text;
  return [
    `${on} ${[...drops, type + collate + using, ...adds].join(', ')}`,
    ...checks.filter(({ validated }) => validated).map(({ name }) => validateSql(change.table, name)),
  ];
}
