/** One migration on a live database, phase by phase, planned as `migrate` plans it. */
import type pg from 'pg';
import { planMigrations } from '../../src/plan/planner.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { introspect } from '../../src/run/introspect.ts';
import { withRunner } from '../../src/run/runner.ts';
import { backfillMigrations } from '../../src/run/verbs/backfill.ts';
import { contractMigrations } from '../../src/run/verbs/contract.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import type { VerbResult } from '../../src/run/verbs/result.ts';
import { rollbackMigrations } from '../../src/run/verbs/rollback.ts';
import { withDatabase } from '../support/server.ts';

type Deploy = {
  readonly url: string;
  readonly client: pg.Client;
  readonly expand: () => Promise<VerbResult>;
  readonly backfill: () => Promise<VerbResult>;
  readonly contract: () => Promise<VerbResult>;
  readonly rollback: () => Promise<VerbResult>;
};

export async function deploying(given: string, change: string, work: (deploy: Deploy) => Promise<void>): Promise<void> {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(given);
    const catalog = await introspect(client);
    const file = { name: '0001', path: '0001.sql', source: change, checksum: 'x' };
    const options = { smallTable: null, unused: false };
    const plan: Plan = planMigrations({ migrations: [file], catalog, fingerprint: null, options }).plan;
    const run = (verb: (runner: Parameters<Parameters<typeof withRunner>[1]>[0]) => Promise<VerbResult>) =>
      withRunner({ url: database.url, lockBudgetMs: 5_000 }, verb);
    await work({
      url: database.url,
      client,
      expand: () => run((runner) => expandMigrations(runner, plan, { backfill: false })),
      backfill: () => run((runner) => backfillMigrations(runner)),
      contract: () => run((runner) => contractMigrations(runner)),
      rollback: () => run((runner) => rollbackMigrations(runner)),
    });
  });
}

export async function rows(client: pg.Client, query: string): Promise<unknown[]> {
  return (await client.query<Record<string, unknown>>(query)).rows;
}
