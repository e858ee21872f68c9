/**
 * kill -9 of the installed program, on real migrations planned by the real planner: at every write to its ledger, so
 * after every step and inside of it; in the middle of a backfill; in the middle of a concurrent index build. The same
 * verb again must end with the catalog and the rows of a run that nobody disturbed.
 */
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeDifference, diffCatalogs } from '../../src/catalog/diff.ts';
import type { Catalog } from '../../src/catalog/model.ts';
import type { Verb } from '../../src/run/run-event.ts';
import {
  kill,
  ledgerStatuses,
  statusesAfter,
  until,
  withLife,
  type Life,
  type Scenario,
  type State,
} from './killed-runner.ts';

const timeout = 600_000; // dozens of processes, on a machine that runs other tests beside them

type Killing = Scenario & {
  readonly title: string;
  /** Up to where its changes can be taken back without a trace. */
  readonly beforeRollback: readonly Verb[];
};

const scenarios: readonly Killing[] = [
  {
    title: 'a new column, an index and n = n + 1',
    given: `
      create table counters (id bigint primary key, n int not null);
      insert into counters select id, id * 3 from generate_series(1, 4000) id`,
    migration: `
      -- migrate:using 'counter ' || id
      ALTER TABLE counters ADD COLUMN label text NOT NULL;
      CREATE INDEX counters_label ON counters (label);
      UPDATE counters SET n = n + 1;`,
    beforeRollback: ['expand'],
  },
  {
    title: 'another type and another name',
    given: `
      create table orders (id bigint primary key, amount int not null default 1, note text);
      alter table orders add constraint orders_amount_check check (amount > 0);
      create index orders_amount on orders (amount);
      insert into orders select id, id * 7, case when id % 3 > 0 then 'note ' || id end from generate_series(1, 2000) id`,
    migration: `
      ALTER TABLE orders ALTER COLUMN amount TYPE bigint;
      ALTER TABLE orders RENAME COLUMN note TO remark;`,
    beforeRollback: ['expand', 'backfill'],
  },
  {
    title: 'constraints that come, a column and an index that go',
    given: `
      create table orders (id bigint primary key);
      insert into orders select generate_series(1, 100);
      create table items (id bigint primary key, order_id bigint, sku text, note text, old text, price int);
      create index items_price on items (price);
      insert into items select id, id % 100 + 1, 'sku ' || id, case when id % 3 > 0 then 'note' end, 'old', id
        from generate_series(1, 2000) id`,
    migration: `
      ALTER TABLE items ADD CONSTRAINT items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id);
      ALTER TABLE items ADD CONSTRAINT items_sku_key UNIQUE (sku);
      -- migrate:using 'none'
      ALTER TABLE items ALTER COLUMN note SET NOT NULL;
      ALTER TABLE items DROP COLUMN old;
      DROP INDEX items_price;`,
    beforeRollback: ['expand'],
  },
];

const forward: readonly Verb[] = ['expand', 'backfill', 'contract'];

/** A life that nobody disturbs. */
type Undisturbed = {
  readonly writes: ReadonlyMap<Verb, readonly string[]>;
  readonly first: State;
  readonly last: State;
};

/** The batches of a backfill are left out: they have tests of their own. */
const isNoBatch = (write: string): boolean => !/ rows \d+$/.test(write);

async function undisturbed(scenario: Scenario, verbs: readonly Verb[]): Promise<Undisturbed> {
  return withLife(scenario, async (life) => {
    const first = await life.state();
    const writes = new Map<Verb, readonly string[]>();
    for (const verb of verbs) writes.set(verb, (await life.run(verb)).writes.filter(isNoBatch));
    return { writes, first, last: await life.state() };
  });
}

/**
 * Kills the verb at each of its writes in turn, each time a new process, and then lets it end. `earlier`: what the
 * verbs before it wrote.
 */
async function surviveKills(
  life: Life,
  verb: Verb,
  writes: readonly string[],
  earlier: readonly string[],
): Promise<void> {
  expect(writes.at(-1), 'the last one is the new status').toMatch(/^migration /);
  let catalog: Catalog | null = null;
  for (const [index, write] of writes.entries()) {
    const killed = await life.killAt(verb, write);
    const committed = statusesAfter([...earlier, ...writes.slice(0, index)]);
    expect(await ledgerStatuses(life.client), `killed at “${write}”`).toEqual(committed);
    await killed.release();
    await life.runnersGone();

    // A step that shares its transaction with its record is not there without it.
    const now = await life.catalog();
    const before = catalog !== null && (await endsTransactionOfStep(life, write)) ? catalog : now;
    expect(diffCatalogs(before, now).map(describeDifference), `killed at “${write}”`).toEqual([]);
    catalog = now;
  }
  await life.run(verb);
  expect(await ledgerStatuses(life.client), `${verb} has ended`).toEqual(statusesAfter([...earlier, ...writes]));
}

/** Whether the write is the last thing in the one transaction of a step. */
async function endsTransactionOfStep(life: Life, write: string): Promise<boolean> {
  const [id, status] = write.split(' ');
  const { rows } = await life.client.query<{ alone: boolean }>(
    `select step -> 'run' ->> 'transaction' = 'false' as alone
       from onward.migration, jsonb_array_elements(plan -> 'steps') step where step ->> 'id' = $1`,
    [id],
  );
  return status === 'done' && rows[0] !== undefined && rows[0].alone !== true;
}

describe.concurrent.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', (_, scenario) => {
  let whole: Undisturbed;
  let andBack: Undisturbed;

  beforeAll(async () => {
    [whole, andBack] = await Promise.all([
      undisturbed(scenario, forward),
      undisturbed(scenario, [...scenario.beforeRollback, 'rollback']),
    ]);
  }, timeout);

  test(
    'kill -9 at every write of expand, backfill and contract changes nothing about the end',
    { timeout },
    async () => {
      await withLife(scenario, async (life) => {
        const before: string[] = [];
        for (const verb of forward) {
          const writes = whole.writes.get(verb) ?? [];
          await surviveKills(life, verb, writes, before);
          before.push(...writes);
        }
        expect(await life.differencesFrom(whole.last)).toEqual([]);
      });
    },
  );

  test('kill -9 at every write of rollback leaves the schema and the rows of before', { timeout }, async () => {
    await withLife(scenario, async (life) => {
      for (const verb of scenario.beforeRollback) await life.run(verb);
      const before = scenario.beforeRollback.flatMap((verb) => andBack.writes.get(verb) ?? []);
      await surviveKills(life, 'rollback', andBack.writes.get('rollback') ?? [], before);
      expect(await life.differencesFrom(andBack.first)).toEqual([]);
    });
  });
});

describe.concurrent('a backfill of n = n + 1 in batches of 50 rows', () => {
  const counting: Scenario = {
    given: `
      create table counters (id bigint primary key, n int not null);
      insert into counters select id, id * 3 from generate_series(1, 20000) id`,
    migration: `
      -- migrate:batch size=50
      UPDATE counters SET n = n + 1;`,
  };

  /** Rows that were counted up, and how many of them the ledger knows; whoever was counted up twice is told apart. */
  async function counted(client: pg.Client): Promise<unknown> {
    const { rows } = await client.query<Record<string, number>>(
      `select (select count(*) from counters where n = id * 3 + 1)::int as once,
              (select count(*) from counters where n not in (id * 3, id * 3 + 1))::int as wrong,
              (select sum(rows_done) from onward.backfill_chunk)::int as recorded`,
    );
    return rows[0];
  }

  const all = { once: 20_000, wrong: 0, recorded: 20_000 };

  test('is never ahead of its cursor, wherever it is killed, and counts every row once', { timeout }, async () => {
    await withLife(counting, async (life) => {
      await life.run('expand');
      // The server may finish the batch of a dead runner, or notice the death first (it looks each second) and roll it back.
      let finishedByServer = false;
      for (const [row, finished] of [
        [0, false],
        [0, true],
        [3_000, true],
        [4_000, false],
        [11_000, true],
        [20_000, false],
        [20_000, true],
      ] as const) {
        const killed = await life.killAt('backfill', `backfill-1 rows ${row}`);
        if (finished) await killed.release();
        await life.runnersGone();
        if (!finished) await killed.release();

        const now = await counted(life.client);
        const { rows_scanned: scanned } = await until(
          life.client,
          'select sum(rows_scanned)::int as rows_scanned from onward.backfill_chunk',
        );
        expect(now).toEqual({ once: scanned, wrong: 0, recorded: scanned });
        const isThere = Number(scanned) >= Math.max(row, 1);
        if (!finished) expect(isThere, `the batch at row ${row} is in the ledger`).toBe(false);
        finishedByServer ||= isThere;
      }
      expect(finishedByServer, 'a batch was finished after its runner was gone').toBe(true);
      const { text } = await life.run('backfill');
      expect(text).toContain('Took over from a runner that is gone');
      expect(await counted(life.client)).toEqual(all);
    });
  });

  test('goes on while the last batch of the killed runner is still on the server', { timeout }, async () => {
    await withLife(counting, async (life) => {
      await life.run('expand');
      const killed = await life.killAt('backfill', 'backfill-1 rows 5000');
      const next = life.start('backfill');
      // The next runner has come to the same batch, which stands still for it too.
      await until(
        life.client,
        `select from pg_locks where locktype = 'advisory' and not granted and pid <> ${killed.backendPid}`,
      );
      await killed.release();
      const { code, text } = await next.ended;
      expect(code, `${text}`).toBe(0);
      expect(await counted(life.client)).toEqual(all);
    });
  });
});

describe.concurrent('a concurrent index build whose runner is killed', () => {
  const indexed: Scenario = {
    given: `
      create table orders (id bigint primary key, amount int not null);
      insert into orders select id, id * 7 from generate_series(1, 1000) id`,
    migration: 'CREATE INDEX orders_amount ON orders (amount);',
  };
  let whole: Undisturbed;

  beforeAll(async () => {
    whole = await undisturbed(indexed, ['expand']);
  }, timeout);

  /** Starts expand, and kills it as soon as its build waits for the session in its way. */
  async function killInBuild(life: Life, inTheWay: string): Promise<{ readonly old: pg.Client; readonly pid: number }> {
    const old = await life.database.connect('old-transaction');
    await old.query(inTheWay);
    const run = life.start('expand');
    const { pid } = await until(life.client, waitingBuild());
    await kill(run);
    expect(await ledgerStatuses(life.client)).toEqual({ migration: 'expanding', 'expand-1': 'running' });
    return { old, pid: Number(pid) };
  }

  /** A session that waits for somebody else's transaction to end. */
  const waitingBuild = (besides = 0): string =>
    `select pid from pg_locks where locktype = 'virtualxid' and not granted and pid <> ${besides}
        and pid in (select pid from pg_stat_activity where datname = current_database())`;

  async function validIndexes(client: pg.Client): Promise<readonly boolean[]> {
    const { rows } = await client.query<{ indisvalid: boolean }>(
      `select indisvalid from pg_index where indexrelid = to_regclass('orders_amount')`,
    );
    return rows.map((row) => row.indisvalid);
  }

  const writer = 'begin; update orders set amount = amount where id = 1';
  const oldSnapshot = 'begin isolation level repeatable read; select 1';

  // The two are waited for in different phases of the build, and leave different kinds of invalid indexes.
  test.each([
    ['a transaction that has written to the table', writer],
    ['a transaction with an old snapshot', oldSnapshot],
  ])('is built anew when the server gave it up while it waited for %s', { timeout }, async (_, inTheWay) => {
    await withLife(indexed, async (life) => {
      const { old } = await killInBuild(life, inTheWay);
      await life.runnersGone();
      expect(await validIndexes(life.client)).toEqual([false]);
      await old.query('commit');
      const { text } = await life.run('expand');
      expect(text).toContain('removed the invalid index orders_amount');
      expect(await life.differencesFrom(whole.last)).toEqual([]);
    });
  });

  test('is healed by a run that begins while it is still on the server', { timeout }, async () => {
    await withLife(indexed, async (life) => {
      const { old, pid } = await killInBuild(life, writer);
      const next = life.start('expand');
      await until(life.client, waitingBuild(pid));
      await old.query('commit');
      const { code, text } = await next.ended;
      expect(code, `${text}`).toBe(0);
      expect(await life.differencesFrom(whole.last)).toEqual([]);
    });
  });

  test('is taken as it is when it outlives its runner', { timeout }, async () => {
    await withLife(indexed, async (life) => {
      const { old } = await killInBuild(life, oldSnapshot);
      await old.query('commit');
      await life.runnersGone();
      // On a slow machine the server has noticed the death before: then there is an invalid index to heal.
      const [valid] = await validIndexes(life.client);
      const { text } = await life.run('expand');
      expect(text).toContain(valid === true ? 'was done already' : 'removed the invalid index orders_amount');
      expect(await life.differencesFrom(whole.last)).toEqual([]);
    });
  });

  test('is removed by a rollback', { timeout }, async () => {
    await withLife(indexed, async (life) => {
      const { old } = await killInBuild(life, writer);
      await life.runnersGone();
      await old.query('commit');
      await life.run('rollback');
      expect(await life.differencesFrom(whole.first)).toEqual([]);
    });
  });
});
