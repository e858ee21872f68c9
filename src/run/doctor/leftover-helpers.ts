/**
 * Objects that carry our prefix, and that no migration on its way accounts for: the rest of a ledger that was dropped, of
 * a restored copy, or of something that was ended by hand. Named, never touched.
 */
import { lookForLedger } from '../ledger/install.ts';
import { readMigrationSummaries } from '../ledger/records.ts';
import type { Session } from '../session.ts';
import type { CheckResult, Found } from './doctor.ts';

export async function leftoverHelpers(session: Session, schema: string): Promise<CheckResult> {
  const { kind } = await lookForLedger(session, schema);
  const all = kind === 'installed' ? await readMigrationSummaries(session, schema) : [];
  const settled = all.every(({ status }) => status === 'done' || status === 'rolled_back');
  const isQuiet = settled && !(await hasOtherLedger(session, schema));
  return {
    id: 'leftover_helpers',
    severity: 'problem',
    fine: isQuiet
      ? 'no helper of a migration was left behind'
      : 'helpers were not looked for: a migration is on its way, or there is another ledger',
    found: isQuiet ? await helpersIn(session, schema) : [],
  };
}

/** The same, for whoever wants no more than that. */
export async function helpersLeft(session: Session, schema: string): Promise<readonly Found[]> {
  return (await leftoverHelpers(session, schema)).found;
}

/** Whose migrations may be on their way, unknown to ours. */
async function hasOtherLedger(session: Session, schema: string): Promise<boolean> {
  const { rowCount } = await session.query(
    `select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and c.relname in ('format', 'lease', 'migration', 'step', 'backfill') and n.nspname <> $1
      group by n.oid having count(*) = 5`,
    [schema],
  );
  return rowCount > 0;
}

/** With the statement that removes each, in an order in which they can be run. */
async function helpersIn(session: Session, schema: string): Promise<readonly Found[]> {
  const { rows } = await session.query<Found>(
    `with own as (select oid, nspname from pg_catalog.pg_namespace n
                   where nspname !~ '^pg_' and nspname not in ('information_schema', $1))
     select what, todo from (
       select 1 as turn, format('trigger %I of %s', t.tgname, t.tgrelid::regclass) as what,
              format('DROP TRIGGER %I ON %s;', t.tgname, t.tgrelid::regclass) as todo
         from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid join own on own.oid = c.relnamespace
        where t.tgname ~ '^~?onward_' and not t.tgisinternal and t.tgparentid = 0
       union all
       select 2, format('function %s', p.oid::regprocedure), format('DROP FUNCTION %s;', p.oid::regprocedure)
         from pg_catalog.pg_proc p join own on own.oid = p.pronamespace where p.proname ~ '^~?onward_'
       union all
       select 3, format('constraint %I of %s', k.conname, k.conrelid::regclass),
              format('ALTER TABLE %s DROP CONSTRAINT %I;', k.conrelid::regclass, k.conname)
         from pg_catalog.pg_constraint k join own on own.oid = k.connamespace
        where k.conname ~ '^onward_' and k.conrelid <> 0 and k.conparentid = 0
       union all
       select 4, format('index %s', c.oid::regclass), format('DROP INDEX CONCURRENTLY %s;', c.oid::regclass)
         from pg_catalog.pg_class c join own on own.oid = c.relnamespace
        where c.relkind in ('i', 'I') and c.relname ~ '^onward_'
          and not exists (select from pg_catalog.pg_constraint k where k.conindid = c.oid)
       union all
       select 5, format('column %I of %s', a.attname, a.attrelid::regclass),
              format('ALTER TABLE %s DROP COLUMN %I;', a.attrelid::regclass, a.attname)
         from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join own on own.oid = c.relnamespace
        where a.attname ~ '^onward_' and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f') and not c.relispartition
       union all
       select 6, format('table %s', c.oid::regclass), format('DROP TABLE %s;', c.oid::regclass)
         from pg_catalog.pg_class c join own on own.oid = c.relnamespace where c.relkind in ('r', 'p') and c.relname ~ '^onward_'
     ) as helpers order by turn, what`,
    [schema],
  );
  return rows.map(({ what, todo }) => ({ what: `${what} carries our prefix, and no migration is on its way`, todo }));
}
