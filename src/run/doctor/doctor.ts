/**
 * `migrate doctor`: what stands, or will stand, in the way of migrations on this database, each with what to do. Reads
 * only, needs no lease, and works where nothing was ever run.
 */
import type { MigrationFile } from '../../plan/migration-file.ts';
import type { PlanOptions } from '../../plan/plan-options.ts';
import { planMigrations } from '../../plan/planner.ts';
import { MigrateError } from '../../errors.ts';
import { quoteIdentifier } from '../../sql/identifier.ts';
import { currentTime } from '../clock.ts';
import { readLeaseHolder } from '../lease.ts';
import { lookForLedger } from '../ledger/install.ts';
import { missingRights } from '../rights/missing-rights.ts';
import { readSituation } from '../situation.ts';
import type { Session } from '../session.ts';
import { catalogChecks, type Severity } from './catalog-checks.ts';
import { leftoverHelpers } from './leftover-helpers.ts';

export type Found = { readonly what: string; readonly todo: string };

export type CheckResult = {
  readonly id: string;
  readonly severity: Severity;
  /** What is said when nothing was found. */
  readonly fine: string;
  /** Nothing, when all is well. */
  readonly found: readonly Found[];
};

export type DoctorReport = {
  readonly place: string;
  readonly database: string;
  readonly role: string;
  readonly serverVersion: number;
  readonly checks: readonly CheckResult[];
};

type Folder = { readonly files: readonly MigrationFile[]; readonly options: PlanOptions };

export async function examine(session: Session, schema: string, folder: Folder): Promise<DoctorReport> {
  const checks: CheckResult[] = [
    await server(session),
    await clock(session),
    await ledger(session, schema),
    await lease(session, schema),
    await pending(session, schema, folder),
    await leftoverHelpers(session, schema),
  ];
  for (const { id, fine, severity, sql } of catalogChecks) {
    const { rows } = await session.query<Found>(sql, [schema]);
    checks.push({ id, fine, severity, found: rows });
  }
  const { place, database, role, serverVersion } = session;
  return { place, database, role, serverVersion, checks };
}

async function server(session: Session): Promise<CheckResult> {
  const { rows } = await session.query<{ superuser: boolean; standby: boolean; read_only: boolean }>(
    `select current_setting('is_superuser') = 'on' as superuser, pg_catalog.pg_is_in_recovery() as standby,
            current_setting('default_transaction_read_only') = 'on' as read_only`,
  );
  const { superuser = false, standby = false, read_only = false } = rows[0] ?? {};
  return {
    id: 'server',
    severity: standby || read_only ? 'problem' : 'notice',
    fine: 'the server can be written to, and the role is no superuser',
    found: [
      ...(standby
        ? [{ what: 'the server is a standby: it can only be read', todo: 'use the URL of the primary' }]
        : []),
      ...(read_only
        ? [
            {
              what: 'default_transaction_read_only is on',
              todo: `ALTER DATABASE ${quoteIdentifier(session.database)} RESET default_transaction_read_only;`,
            },
          ]
        : []),
      ...(superuser
        ? [
            {
              what: `role ${session.role} is a superuser, which migrations never need`,
              todo: 'migrate doctor --grants',
            },
          ]
        : []),
    ],
  };
}

const toleratedSkewSeconds = 60; // what people compare by eye: logs of the deploy with those of the server

async function clock(session: Session): Promise<CheckResult> {
  const { rows } = await session.query<{ now: number }>('select extract(epoch from clock_timestamp())::float8 as now');
  const skew = Math.round(currentTime().getTime() / 1_000 - (rows[0]?.now ?? NaN));
  const isOff = Math.abs(skew) > toleratedSkewSeconds;
  return {
    id: 'clock',
    severity: 'notice',
    fine: "this machine's clock agrees with the server's",
    found: isOff
      ? [
          {
            what: `this machine's clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the server's; the ledger uses the server's`,
            todo: 'set the clock (NTP)',
          },
        ]
      : [],
  };
}

async function ledger(session: Session, schema: string): Promise<CheckResult> {
  const name = quoteIdentifier(schema);
  const role = quoteIdentifier(session.role);
  const { rows } = await session.query<{ there: boolean; usable: boolean }>(
    `select n.oid is not null as there,
            case when n.oid is null then pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
                 when exists (select from pg_catalog.pg_class c where c.relnamespace = n.oid and c.relname = 'lease')
                   then (select pg_catalog.bool_and(pg_catalog.has_table_privilege(c.oid, 'SELECT') and pg_catalog.has_table_privilege(c.oid, 'UPDATE'))
                           from pg_catalog.pg_class c where c.relnamespace = n.oid and c.relkind = 'r')
                 else pg_catalog.has_schema_privilege(n.oid, 'CREATE') end as usable
       from (select 1) as one left join pg_catalog.pg_namespace n on n.nspname = $1`,
    [schema],
  );
  const { there = false, usable = false } = rows[0] ?? {};
  const todo = there
    ? `GRANT ALL ON SCHEMA ${name} TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA ${name} TO ${role};`
    : `CREATE SCHEMA ${name} AUTHORIZATION ${role};`;
  return {
    id: 'ledger',
    severity: 'problem',
    fine: there ? `the ledger in schema ${schema} can be used` : `the ledger's schema ${schema} can be made`,
    found: usable
      ? []
      : [{ what: `role ${session.role} may not ${there ? 'use' : 'make'} the ledger's schema ${schema}`, todo }],
  };
}

async function lease(session: Session, schema: string): Promise<CheckResult> {
  const state = await lookForLedger(session, schema);
  const holder = state.kind === 'installed' ? await readLeaseHolder(session, schema).catch(() => null) : null;
  return {
    id: 'lease',
    severity: 'notice',
    fine: 'nobody runs migrations at present',
    found:
      holder === null
        ? []
        : [
            {
              what: `${holder.application} on host ${holder.host} runs migrations, since ${holder.acquiredAt.toISOString()}`,
              todo: 'migrate unlock',
            },
          ],
  };
}

/** The rights that the pending migrations need. What keeps them from being planned is told, too. */
async function pending(session: Session, schema: string, { files, options }: Folder): Promise<CheckResult> {
  const check = { id: 'pending', severity: 'problem' as const };
  try {
    const situation = await readSituation(session, schema, files);
    const { plan } = planMigrations({ ...situation, migrations: situation.pending, options });
    const found = await missingRights(session, plan.migrations);
    const number = plan.migrations.length;
    const fine =
      number === 0 ? 'nothing is pending' : `the role has the rights that the ${number} pending migrations need`;
    return { ...check, fine, found: found.map(({ what, todo }) => ({ what: `role ${session.role} ${what}`, todo })) };
  } catch (error) {
    if (!(error instanceof MigrateError)) throw error;
    return { ...check, fine: '', found: [{ what: error.message, todo: error.hint ?? 'migrate plan' }] };
  }
}
