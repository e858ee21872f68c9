/**
 * What an administrator asks of a database, as a part of the library: what will stand in the way of migrations, which
 * privileges they need, who holds the right to run, and how the database is named.
 */
import { defaultPlanOptions, type PlanOptions } from './plan/plan-options.ts';
import type { UrlSources } from './run/connection/libpq-environment.ts';
import type { CheckResult, DoctorReport } from './run/doctor/doctor.ts';
import type { Lease } from './run/lease.ts';
import { filesOf, type MigrationSource } from './run/migration-source.ts';
import type { DatabaseOptions } from './run/reading.ts';
import type { Unlocked, UnlockOptions } from './run/unlock.ts';
import type { Repair } from './run/repair.ts';
import type { RunOptions } from './run/running.ts';
import type { VerifyReport } from './run/verify/verify.ts';
import { loadParser } from './sql/parse.ts';

export type { CheckResult, DoctorReport, Lease, Repair, Unlocked, UnlockOptions, UrlSources, VerifyReport };

/**
 * Says who holds the lease, and frees it when its holder is gone or, on request, ended. Throws LEASE_HELD while a session
 * that may not be ended holds it.
 *
 * @example
 * ```ts
 * import { unlock } from 'onward';
 *
 * const { outcome, lease } = await unlock({ databaseUrl: 'postgres://localhost/shop' });
 * console.log(outcome, lease?.holder.host);
 * ```
 */
export async function unlock(input: UnlockOptions): Promise<Unlocked> {
  const { unlockDatabase } = await import('./run/unlock.ts');
  return unlockDatabase(input);
}

export type DoctorInput = MigrationSource & DatabaseOptions & { readonly smallTable?: PlanOptions['smallTable'] };

/**
 * What stands, or will stand, in the way of migrations on this database, each with what to do. Changes nothing.
 *
 * @example
 * ```ts
 * import { doctor } from 'onward';
 *
 * const { checks } = await doctor({ databaseUrl: 'postgres://localhost/shop' });
 * for (const { found } of checks) for (const { what, todo } of found) console.log(what, todo);
 * ```
 */
export async function doctor(input: DoctorInput): Promise<DoctorReport> {
  await loadParser();
  const files = await filesOf(input);
  const { smallTable } = input;
  const { examine } = await import('./run/doctor/doctor.ts');
  const { reading } = await import('./run/reading.ts');
  return reading(input, (session, schema) =>
    examine(session, schema, {
      files,
      options: { ...defaultPlanOptions, ...(smallTable === undefined ? {} : { smallTable }) },
    }),
  );
}

/**
 * SQL that makes a role with the least privileges that migrations on this database need.
 *
 * @example
 * ```ts
 * import { leastPrivileges } from 'onward';
 *
 * console.log(await leastPrivileges({ databaseUrl: 'postgres://localhost/shop', role: 'migrator' }));
 * ```
 */
export async function leastPrivileges({
  role,
  ...input
}: DatabaseOptions & { readonly role: string }): Promise<string> {
  const { leastPrivileges: asSql } = await import('./run/doctor/least-privileges.ts');
  const { reading } = await import('./run/reading.ts');
  return reading(input, (session, schema) => asSql(session, schema, role));
}

/**
 * A database URL with what the PG* variables, a service file and a role to work as add to it; null when nothing names a
 * database.
 *
 * @example
 * ```ts
 * import { resolveDatabaseUrl, status } from 'onward';
 *
 * const databaseUrl = await resolveDatabaseUrl({ databaseUrl: null, environment: process.env, role: 'app_owner' });
 * if (databaseUrl !== null) console.log((await status({ databaseUrl })).pending);
 * ```
 */
export async function resolveDatabaseUrl(input: UrlSources): Promise<string | null> {
  const { urlFromSurroundings } = await import('./run/connection/libpq-environment.ts');
  return urlFromSurroundings(input);
}

export type RepairInput = RunOptions & {
  /** Asked with everything that would be done; false leaves everything as it is. */
  readonly confirm: (repairs: readonly Repair[]) => Promise<boolean>;
};

/**
 * Mends what no run mends by itself: helpers that were left behind, and failed steps whose index is there by now. Returns
 * what was done.
 *
 * @example
 * ```ts
 * import { repair } from 'onward';
 *
 * await repair({
 *   databaseUrl: 'postgres://localhost/shop',
 *   confirm: async (repairs) => repairs.every(({ kind }) => kind === 'drop_helper'),
 * });
 * ```
 */
export async function repair({ confirm, ...options }: RepairInput): Promise<readonly Repair[]> {
  const { repairConfirmed } = await import('./run/repair.ts');
  const { running } = await import('./run/running.ts');
  return running(options, (runner) => repairConfirmed(runner, { confirm }));
}

/**
 * What `repair` would do. Changes nothing.
 *
 * @example
 * ```ts
 * import { findRepairs } from 'onward';
 *
 * for (const { sql } of await findRepairs({ databaseUrl: 'postgres://localhost/shop' })) console.log(sql);
 * ```
 */
export async function findRepairs(input: DatabaseOptions): Promise<readonly Repair[]> {
  const { repairsOf } = await import('./run/repair.ts');
  const { reading } = await import('./run/reading.ts');
  return reading(input, repairsOf);
}

/**
 * Whether what finished migrations have left in the schema is as their plans say: those named, or all. Changes nothing.
 *
 * @example
 * ```ts
 * import { verify } from 'onward';
 *
 * const { differences } = await verify({ databaseUrl: 'postgres://localhost/shop' });
 * for (const { what } of differences) console.log(what);
 * ```
 */
export async function verify(input: DatabaseOptions & { readonly names?: readonly string[] }): Promise<VerifyReport> {
  await loadParser();
  const { verifyDone } = await import('./run/verify/verify.ts');
  const { reading } = await import('./run/reading.ts');
  return reading(input, (session, schema) => verifyDone(session, schema, input.names));
}
