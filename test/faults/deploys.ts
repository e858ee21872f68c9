/**
 * A whole deploy (expand, backfill, contract) of migrations that the real planner plans, while faults happen; and the
 * comparison with the same deploy that nobody disturbed. A live application writes to the table throughout.
 */
import { expect } from 'vitest';
import { describeDifference, diffCatalogs } from '../../src/catalog/diff.ts';
import type { Catalog } from '../../src/catalog/model.ts';
import { backfill, contract, expand, MigrateError, readMigrationFile } from '../../src/index.ts';
import type { RunOptions, VerbResult } from '../../src/index.ts';
import { introspect } from '../../src/run/introspect.ts';
import { withFiles } from '../cli/run-main.ts';
import { describeDataDifferences, readData, type Data } from '../operations/harness/table-data.ts';
import { on } from '../support/standby.ts';
import { startApplication } from './application.ts';
import { noSessionsLeft } from './counters.ts';

export type Deploy = {
  readonly title: string;
  readonly given: string;
  readonly migration: string;
  readonly rows: number;
};

export const deploys: readonly Deploy[] = [
  {
    title: 'a required column, two indexes and n = n + 1',
    rows: 3_000,
    given: `create table orders (id bigint primary key, n int not null default 0, app int not null default 0, note text);
      insert into orders select id, id, 0, 'note ' || id from generate_series(1, 3000) id`,
    migration: `
      -- migrate:using 'label ' || id
      ALTER TABLE orders ADD COLUMN label text NOT NULL;
      CREATE INDEX orders_label ON orders (label);
      CREATE UNIQUE INDEX orders_note ON orders (note);
      UPDATE orders SET n = n + 1;`,
  },
  {
    title: 'another type, another name, a constraint and a column that goes',
    rows: 2_000,
    given: `create table orders (id bigint primary key, amount int not null default 1, app int not null default 0, note text, old text);
      alter table orders add constraint orders_amount_check check (amount > 0);
      create index orders_amount on orders (amount);
      create index orders_old on orders (old);
      insert into orders select id, id * 7, 0, case when id % 3 > 0 then 'note ' || id end from generate_series(1, 2000) id`,
    migration: `
      ALTER TABLE orders ALTER COLUMN amount TYPE bigint;
      ALTER TABLE orders RENAME COLUMN note TO remark;
      ALTER TABLE orders ADD CONSTRAINT orders_app CHECK (app >= 0);
      ALTER TABLE orders DROP COLUMN old;`,
  },
];

type End = { readonly catalog: Catalog; readonly data: Data };

export const verbs = ['expand', 'backfill', 'contract'] as const;

/** What the verbs make of the tables, connected by way of `through`; `disturb` begins the faults of one verb, and answers with what ends them. */
export async function deploy(
  { given, migration, rows }: Deploy,
  { url, through }: { readonly url: string; readonly through: string },
  options: Omit<RunOptions, 'databaseUrl'>,
  disturb: (verb: (typeof verbs)[number], tell: (onEvent: () => void) => void) => () => Promise<void>,
): Promise<End> {
  return withFiles({ '0001_deploy.sql': migration }, async (folder) => {
    const migrations = [await readMigrationFile(`${folder}/0001_deploy.sql`)];
    await on(url, (client) => client.query(`${given}; analyze`));
    const application = startApplication({ url, table: 'orders', rows });
    for (const verb of verbs) {
      const listeners: (() => void)[] = [];
      const end = disturb(verb, (onEvent) => listeners.push(onEvent));
      const told: RunOptions = {
        ...options,
        databaseUrl: through,
        onEvent: () => listeners.forEach((listener) => listener()),
      };
      const run = (): Promise<VerbResult> => {
        if (verb === 'expand') return expand({ ...told, migrations, smallTable: null });
        return verb === 'backfill' ? backfill(told) : contract(told);
      };
      let error = await run().then((result) => result.error, turnedAway);
      for (; error !== null; error = await run().then((result) => result.error, turnedAway)) {
        // The same verb again, as the message says; only where it was never connected is that left to a person.
        expect(error.code).toBe('CONNECTION_FAILED');
      }
      await end();
    }
    await application.stop();
    return endOf(url);
  });
}

function turnedAway(error: unknown): MigrateError {
  if (error instanceof MigrateError) return error;
  throw error;
}

/** The catalog and the rows, with nothing of the run left; without what the application has added. */
async function endOf(url: string): Promise<End> {
  let end: End | null = null;
  await on(url, async (client) => {
    await noSessionsLeft(client);
    const { rows } = await client.query(
      `select (select count(*)::int from onward.lease where token is not null) as leases,
              (select count(*)::int from pg_proc where pronamespace = 'onward'::regnamespace) as helpers,
              (select array_agg(distinct status) from onward.migration) as migrations,
              (select array_agg(distinct status) from onward.step) as steps`,
    );
    expect(rows).toEqual([{ leases: 0, helpers: 0, migrations: ['done'], steps: ['done'] }]);
    await client.query('update orders set app = 0');
    const catalog = await introspect(client, { excludeSchemas: ['onward'] });
    end = { catalog, data: await readData(client, catalog) };
  });
  if (end === null) throw new Error('The end could not be read.');
  return end;
}

/** In sentences. */
export function differencesOf(undisturbed: End, disturbed: End): readonly string[] {
  return [
    ...diffCatalogs(undisturbed.catalog, disturbed.catalog).map(describeDifference),
    ...describeDataDifferences(undisturbed.data, disturbed.data),
  ];
}
