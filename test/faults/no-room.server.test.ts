/**
 * The server runs out of something: disk, shared memory for locks, connections. A backfill is held with the reason and
 * goes on by itself when there is room; a step that needs room fails with the reason, leaves nothing half made, and the
 * same verb again finishes.
 */
import { expect, test } from 'vitest';
import pg from 'pg';
import { backfill, contract, expand, readMigrationFile, type RunOptions, type VerbResult } from '../../src/index.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withFiles } from '../cli/run-main.ts';
import { startOwnServer } from '../support/server.ts';
import { startOnSmallDisk } from '../support/small-disk.ts';
import { on } from '../support/standby.ts';
import { pause, startApplication } from './application.ts';
import { expectEachOnce, makeCounters } from './counters.ts';
import { countFaults, faults } from './fault-count.ts';
import { lives } from './lives.ts';

const processes = lives();
const probeMs = 300;

for (const where of ['the table', 'the table and the ledger'] as const) {
  test(`a disk that is full under ${where}`, async (context) => {
    const wanted = faults(3);
    const count = countFaults(context, `a full disk under ${where}, mid-backfill`);
    const disk = await startOnSmallDisk(12);
    try {
      for (let number = 1; count.injected() < wanted; number += 1) {
        count.run();
        const url = await disk.server.createDatabase(`shop_${number}`);
        const isLedgerThere = where !== 'the table';
        if (isLedgerThere) {
          await on(url, (client) =>
            client.query(`alter database shop_${number} set default_tablespace = ${disk.tablespace}`),
          );
        }
        const counters = { url, name: 'counters', rows: 6_000 };
        await makeCounters(counters);
        if (!isLedgerThere) {
          await on(url, (client) => client.query(`alter table counters set tablespace ${disk.tablespace}`));
        }
        const options: RunOptions = {
          databaseUrl: url,
          waitForRunnerMs: 60_000,
          backfills: { rowsPerChunk: 500, probeMs },
        };
        const application = startApplication({ url, table: 'counters', rows: counters.rows, mayFailWith: ['53100'] });
        const other = processes.keep(1, () => processes.start('join', options));
        const reasons: string[] = [];
        let progress = 0;
        let isFull = false;
        let turn: Promise<void> = Promise.resolve();
        const onEvent = (event: RunEvent): void => {
          if (event.kind === 'backfill_batch') progress += 1;
          if (event.kind === 'backfill_batch' && progress % 20 === 0 && !isFull && count.injected() < wanted) {
            isFull = true;
            turn = turn.then(() => disk.fill());
          }
          if (event.kind === 'backfill_held' && isFull) {
            reasons.push(event.reason);
            count.fault();
            turn = turn.then(() => disk.free()).then(() => void (isFull = false));
          }
        };
        const { error } = await backfill({ ...options, onEvent });
        await turn;
        await disk.free();
        await other.end();
        expect(error).toBeNull();
        for (const reason of reasons) expect(reason).toContain('No space left on device');
        await application.stop();
        await expectEachOnce(counters);
        count.right();
      }
    } finally {
      await disk.stop();
    }
  });
}

test('a disk that is full while an index is built in expand, and in contract', async (context) => {
  const count = countFaults(context, 'a full disk, mid-expand and mid-contract');
  const disk = await startOnSmallDisk(12);
  try {
    const url = await disk.server.createDatabase('shop');
    const migration = `
      CREATE INDEX orders_note ON orders (note) TABLESPACE ${disk.tablespace};
      UPDATE orders SET n = n + 1;
      -- migrate:phase contract
      CREATE INDEX orders_n ON orders (n) TABLESPACE ${disk.tablespace};`;
    await withFiles({ '0001_indexes.sql': migration }, async (folder) => {
      count.run();
      const migrations = [await readMigrationFile(`${folder}/0001_indexes.sql`)];
      await on(url, (client) =>
        client.query(`create table orders (id bigint primary key, n int not null default 0, app int not null default 0, note text);
          insert into orders select id, 0, 0, repeat('note ', 20) || id from generate_series(1, 5000) id; analyze`),
      );
      const options: RunOptions = { databaseUrl: url, waitForRunnerMs: 60_000 };
      const application = startApplication({ url, table: 'orders', rows: 5_000 });
      const expandNow = (): Promise<VerbResult> => expand({ ...options, migrations, smallTable: null });
      const contractNow = (): Promise<VerbResult> => contract(options);
      const onFullDisk = async (verb: () => Promise<VerbResult>): Promise<VerbResult['error']> => {
        await disk.fill();
        count.fault();
        const { error } = await verb();
        await disk.free();
        return error;
      };
      const full = { code: 'STEP_FAILED', details: { sqlstate: '53100' } };
      expect(await onFullDisk(expandNow)).toMatchObject(full);
      expect((await expandNow()).error).toBeNull();
      expect((await backfill(options)).error).toBeNull();
      expect(await onFullDisk(contractNow)).toMatchObject(full);
      expect((await contractNow()).error).toBeNull();
      await application.stop();
      await on(url, async (client) => {
        const { rows } = await client.query(
          `select (select count(*)::int from pg_index where not indisvalid) as invalid,
                  (select array_agg(relname::text order by relname) from pg_class where relname ~ '^orders_(n|note)$') as indexes,
                  (select count(*)::int from orders where n = 1) as once, (select status from onward.migration) as status`,
        );
        expect(rows).toEqual([{ invalid: 0, indexes: ['orders_n', 'orders_note'], once: 5_000, status: 'done' }]);
      });
      count.right();
    });
  } finally {
    await disk.stop();
  }
});

test('a server without room for another lock', async (context) => {
  const wanted = faults(3);
  const count = countFaults(context, 'no shared memory for locks (53200), mid-backfill');
  const server = await startOwnServer({ settings: { max_locks_per_transaction: '10', max_connections: '20' } });
  try {
    const url = await server.createDatabase('shop');
    for (let number = 1; count.injected() < wanted; number += 1) {
      count.run();
      const counters = { url, name: `counters_${number}`, rows: 3_000 };
      await makeCounters(counters);
      let turn: Promise<void> = Promise.resolve();
      let hog: pg.Client | null = null;
      let batches = 0;
      const takeAll = async (): Promise<void> => {
        hog = new pg.Client({ connectionString: url });
        await hog.connect();
        // Session-level locks stay when the statement that could not get one more is rolled back.
        for (const step of [100, 1, 1]) {
          for (let isFull = false; !isFull;) {
            const taken = hog.query('select pg_advisory_lock((random() * 1e9)::int) from generate_series(1, $1::int)', [
              step,
            ]);
            isFull = await taken.then(() => false).catch(() => true);
          }
        }
      };
      const onEvent = (event: RunEvent): void => {
        if (event.kind === 'backfill_batch') batches += 1;
        if (event.kind === 'backfill_batch' && batches === 20) turn = turn.then(takeAll);
        if (event.kind === 'backfill_held' && hog !== null) {
          const client: pg.Client = hog;
          hog = null;
          count.fault();
          turn = turn.then(() => client.end());
        }
      };
      const options: RunOptions = { databaseUrl: url, backfills: { rowsPerChunk: 500, probeMs } };
      const { error } = await backfill({ ...options, onEvent });
      await turn;
      expect(error).toBeNull();
      await expectEachOnce(counters);
      count.right();
    }
  } finally {
    await server.stop();
  }
});

test('a server without room for another connection', async (context) => {
  const wanted = faults(4);
  const count = countFaults(context, 'no connections left (53300), when workers connect again');
  const server = await startOwnServer({ settings: { max_connections: '14' } });
  try {
    const database = new URL(await server.createDatabase('shop'));
    for (let number = 1; count.injected() < wanted; number += 1) {
      count.run();
      const counters = { url: database.href, name: `counters_${number}`, rows: 3_000 };
      await makeCounters(counters);
      const clients: pg.Client[] = [];
      let turn: Promise<void> = Promise.resolve();
      let batches = 0;
      /** Whoever works is turned out, and its place taken. */
      const takePlaces = async (): Promise<void> => {
        const admin = new pg.Client({ connectionString: database.href });
        await admin.connect();
        for (;;) {
          await admin.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'onward%'`,
          );
          const client = new pg.Client({ connectionString: database.href, application_name: 'crowd' });
          client.on('error', () => undefined);
          const isIn = await client
            .connect()
            .then(() => true)
            .catch(() => false);
          if (!isIn) break;
          clients.push(client);
        }
        await admin.end();
        count.fault();
        await pause(500);
        await Promise.all(clients.splice(0).map((client) => client.end()));
      };
      const onEvent = (event: RunEvent): void => {
        if (event.kind === 'backfill_batch') batches += 1;
        if (event.kind === 'backfill_batch' && batches % 30 === 10 && count.injected() < wanted)
          turn = turn.then(takePlaces);
      };
      const { error } = await backfill({ databaseUrl: database.href, onEvent, waitForRunnerMs: 60_000 });
      await turn;
      expect(error).toBeNull();
      await expectEachOnce(counters);
      count.right();
    }
  } finally {
    await server.stop();
  }
});
