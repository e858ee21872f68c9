/**
 * The least that a role needs to run migrations on this database, as SQL for whoever administers it. Nothing of it is a
 * superuser's: tables are altered as a member of the role that owns them.
 */
import { quoteIdentifier } from '../../sql/identifier.ts';
import type { Session } from '../session.ts';

type Owner = { readonly schema: string; readonly owner: string; readonly superuser: boolean; readonly tables: number };

export async function leastPrivileges(session: Session, ledgerSchema: string, role: string): Promise<string> {
  const { rows: owners } = await session.query<Owner>(
    `select n.nspname as schema, r.rolname as owner, r.rolsuper as superuser, count(*)::int as tables
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_roles r on r.oid = c.relowner
      where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', $1)
        and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype = 'e')
      group by 1, 2, 3 order by 1, 2`,
    [ledgerSchema],
  );
  const roleName = quoteIdentifier(role);
  const database = quoteIdentifier(session.database);
  const ordinary = [...new Set(owners.filter(({ superuser }) => !superuser).map(({ owner }) => owner))];
  const [only, ...others] = ordinary;
  // With one owner the role works as that one, and so what it makes belongs to the same owner as everything else.
  const worksAs = only !== undefined && others.length === 0 ? only : null;
  const schemas = [...new Set(['public', ...owners.map(({ schema }) => schema)])];
  // A line feed in a name would end the comment that it stands in.
  const remark = (text: string): string => `-- ${text.replaceAll(/\s+/g, ' ')}`;
  const acting = quoteIdentifier(worksAs ?? role);
  const lines = [
    remark(`The least that ${roleName} needs to run migrations on ${database}. Run it as a superuser.`),
    `CREATE ROLE ${roleName} LOGIN;`,
    remark('Give it a password: \\password in psql.'),
    `GRANT CONNECT ON DATABASE ${database} TO ${roleName};`,
    '',
    '-- The ledger.',
    `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(ledgerSchema)} AUTHORIZATION ${acting};`,
    '',
    '-- What is made: tables, indexes, and helper functions while a migration is on its way.',
    ...schemas.map((schema) => `GRANT USAGE, CREATE ON SCHEMA ${quoteIdentifier(schema)} TO ${acting};`),
    ...(owners.length === 0 ? [] : ['', '-- What is altered: Postgres lets only owners do that.']),
    ...ordinary.map((owner) => `GRANT ${quoteIdentifier(owner)} TO ${roleName};`),
    ...owners
      .filter(({ superuser }) => superuser)
      .map(({ schema, owner, tables }) =>
        remark(
          `${tables} relations in ${quoteIdentifier(schema)} belong to the superuser ${quoteIdentifier(owner)}: give them to an ordinary role (ALTER TABLE … OWNER TO …).`,
        ),
      ),
    '',
    '-- To see and to cancel other roles’ sessions that are in the way (optional).',
    remark(`GRANT pg_read_all_stats, pg_signal_backend TO ${roleName};`),
    ...(worksAs === null ? [] : ['', remark(`Then run: migrate expand --role ${worksAs}`)]),
  ];
  return `${lines.join('\n')}\n`;
}
