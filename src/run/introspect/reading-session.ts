/**
 * The settings under which a schema is read, and a transaction to hold them.
 *
 * Guarantee: whatever the session's settings are, the same schema reads the same, and afterwards they are as they were:
 * within the caller's transaction through a savepoint that is rolled back, without one in a read-only transaction of
 * our own. Nothing is written. If the process dies here, the server rolls back and nothing is left.
 */

import { sqlstate } from '../../postgres/sqlstate.ts';

/** What introspection needs of a connection: one session (not a pool), as `pg.Client` and `pg.PoolClient` are. */
export type QueryClient = {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
};

/**
 * Everything that changes how the server spells an expression or a constant.
 *
 * - With only pg_catalog to search, every other name comes out qualified, which is the one spelling that means the same
 *   in every session. pg_temp is named last because an unnamed one is searched first.
 * - Constants go through their type's output function, which asks DateStyle, IntervalStyle, TimeZone, bytea_output,
 *   lc_monetary and extra_float_digits (pg_dump fixes most of these for the same reason).
 * - jit, the collapse limits: the statement is large and runs once; compiling it would take longer than running it, and
 *   so would looking for a better order of its joins than the one that is written. That halves the planning.
 */
const settings: readonly (readonly [name: string, value: string])[] = [
  ['search_path', 'pg_catalog, pg_temp'],
  ['quote_all_identifiers', 'off'],
  ['standard_conforming_strings', 'on'],
  ['DateStyle', 'ISO, YMD'],
  ['IntervalStyle', 'postgres'],
  ['TimeZone', 'UTC'],
  ['bytea_output', 'hex'],
  ['lc_monetary', 'C'],
  ['extra_float_digits', '1'],
  ['xmloption', 'content'],
  ['jit', 'off'],
  ['from_collapse_limit', '1'],
  ['join_collapse_limit', '1'],
];

const savepoint = 'onward_introspect';

/** Runs `work` under these settings. */
export async function inReadingSession<T>(client: QueryClient, work: () => Promise<T>): Promise<T> {
  const nested = await isInTransaction(client);
  await client.query(nested ? `savepoint ${savepoint}` : 'begin read only');
  const end = async (): Promise<void> => {
    await client.query(nested ? `rollback to savepoint ${savepoint}` : 'rollback');
    if (nested) await client.query(`release savepoint ${savepoint}`);
  };
  let result: T;
  try {
    const list = settings.map((_, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`).join(', ');
    await client.query(`select ${list}`, settings.flat());
    result = await work();
  } catch (error) {
    // When the connection is gone this fails as well, and only the first failure says why.
    await end().catch(() => undefined);
    throw error;
  }
  await end();
  return result;
}

const probe = 'onward.in_transaction';

/**
 * A local setting lasts until the end of the transaction: outside of one it is gone with its own statement. Unlike
 * SAVEPOINT or BEGIN on trial, this leaves no error and no warning in the server's log.
 */
async function isInTransaction(client: QueryClient): Promise<boolean> {
  await client.query(`select set_config('${probe}', 'yes', true)`);
  const { rows } = await client.query(`select current_setting('${probe}', true) = 'yes' as inside`);
  const [row] = rows;
  return typeof row === 'object' && row !== null && 'inside' in row && row.inside === true;
}

/**
 * The server's functions that spell a definition see the catalogs as they are now, the statement sees them as they were
 * when it began: for an object that was dropped or altered in between they fail with one of these, or return NULL.
 */
const raceCodes: ReadonlySet<string> = new Set([
  sqlstate.internalError, // cache lookup failed; could not open relation with OID
  sqlstate.undefinedTable,
  sqlstate.undefinedColumn,
  sqlstate.undefinedObject,
  sqlstate.undefinedFunction,
]);

export function isRaceWithOtherDdl(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && raceCodes.has(error.code);
}
