/** What other sessions do to a runner's backend. */
import { qualified, sql } from '../../../src/sql/template.ts';
import type { Outside } from '../../support/fault-proxy.ts';
import type { CaseDatabase } from '../../operations/harness/case-database.ts';

const longestEndMs = 10_000; // a backend that rolls back a few rows is gone in milliseconds

export function outsideOf(database: CaseDatabase): Outside {
  const { client } = database;
  return {
    async terminate(backend) {
      await client.query('select pg_terminate_backend($1, $2)', [backend, longestEndMs]);
    },
    async cancel(backend) {
      await client.query('select pg_cancel_backend($1)', [backend]);
    },
    async isWaiting(backend) {
      const { rowCount } = await client.query(
        `select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'`,
        [backend],
      );
      return rowCount === 1;
    },
    async hold() {
      const holder = await database.connect('holds tables');
      await holder.query('begin');
      for (const table of (await database.catalog()).tables.values()) {
        if (table.kind === 'foreign') continue;
        await holder.query('savepoint before');
        await holder
          .query(sql`lock table only ${qualified(table)} in share row exclusive mode nowait`.text)
          .catch(() => holder.query('rollback to savepoint before')); // the runner has it
      }
      let released: Promise<void> | null = null;
      return () => (released ??= holder.end());
    },
  };
}

/** For a run in which nothing goes wrong. */
export const nobody: Outside = {
  terminate: () => Promise.resolve(),
  cancel: () => Promise.resolve(),
  isWaiting: () => Promise.resolve(false),
  hold: () => Promise.resolve(() => Promise.resolve()),
};
