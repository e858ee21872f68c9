/** Replica lag, and a backfill that minds it, on a primary with a streaming standby. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchBackfills } from '../../../src/index.ts';
import { backfillReportText } from '../../../src/report/backfill-report-text.ts';
import { plainLook } from '../../../src/report/paint.ts';
import { metricsOf } from '../../../src/serve/metrics.ts';
import type { EmbeddedServer } from '../../../src/run/embedded-server.ts';
import type { RunEvent } from '../../../src/run/run-event.ts';
import { startOwnServer } from '../../support/server.ts';
import { startStandby, type Standby } from '../../support/standby.ts';
import { fill, filled, throttling } from './filling.ts';
import { sampling } from './sampling.ts';

let primary: EmbeddedServer;
let standby: Standby;

beforeAll(async () => {
  primary = await startOwnServer();
  standby = await startStandby(primary, 'replica-1');
});

afterAll(async () => {
  await standby.stop();
  await primary.stop();
});

async function withClient<T>(name: string, work: (url: string, client: pg.Client) => Promise<T>): Promise<T> {
  const url = await primary.createDatabase(name);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(url, client);
  } finally {
    await client.end();
  }
}

/** Waits until the primary has heard so from the standby. */
async function isBehind(client: pg.Client, bytes: number): Promise<void> {
  const behind = `select from pg_stat_replication
    where application_name = 'replica-1' and state = 'streaming' and pg_current_wal_lsn() - replay_lsn > $1`;
  while ((await client.query(behind, [bytes])).rowCount === 0) await client.query('select pg_sleep(0.01)');
}

test('lag grows while replay stands still, in time and in bytes, and is gone when it goes on', async () => {
  await withClient('lag', async (url, client) => {
    const signals = { replicaLag: { limitMs: 500, limitBytes: 1_000_000_000 } };
    await sampling(url, signals, async ({ until }) => {
      await until('replicaLag', ({ state, measure }) => state === 'easy' && measure?.value === 0);
      await standby.pauseReplay();
      try {
        await client.query('create table written as select g from generate_series(1, 1000) g');
        const first = await until('replicaLag', ({ state }) => state === 'over');
        expect(first.measure).toMatchObject({ unit: 'ms', about: 'replica-1', limit: 500 });
        // It goes on growing although nobody writes.
        await until('replicaLag', ({ measure }) => (measure?.value ?? 0) > (first.measure?.value ?? 0) + 500);
      } finally {
        await standby.resumeReplay();
      }
      // Not the old lag, as replay_lag would tell: none.
      await until('replicaLag', ({ measure }) => measure?.value === 0);
    });
    await standby.pauseReplay();
    try {
      await sampling(url, { replicaLag: { limitMs: null, limitBytes: 50_000 } }, async ({ until }) => {
        await client.query('create table more as select g from generate_series(1, 10000) g');
        const over = await until('replicaLag', ({ state }) => state === 'over');
        expect(over.measure).toMatchObject({ unit: 'bytes', about: 'replica-1' });
      });
    } finally {
      await standby.resumeReplay();
    }
  });
});

/** What the ledger and the primary say to anybody who asks, in the words of `status` and to Prometheus. */
async function toldElsewhere(databaseUrl: string): Promise<void> {
  for await (const look of watchBackfills({ databaseUrl, everyMs: 100 })) {
    if (look.kind === 'failed') throw look.error;
    const [job] = look.backfills;
    if (job?.heldUp?.throttle === null || job?.heldUp?.throttle === undefined) continue;
    expect(job.heldUp.throttle).toMatchObject({
      rung: 'paused',
      signal: 'replicaLag',
      limit: 50_000,
      about: 'replica-1',
    });
    expect(job.heldUp.by).toMatch(/^throttled by replicaLag = \d+ bytes \(limit 50000\), replica-1$/);
    expect(job.heldUp.since?.getTime()).toBeLessThanOrEqual(look.at.getTime());
    expect(job.workers[0]?.throttle?.since).toEqual(job.heldUp.since);
    expect(look.replicas).toMatchObject([{ name: 'replica-1', lagMs: expect.any(Number) }]);
    const text = backfillReportText(look, { ...plainLook, all: false });
    expect(text).toMatch(/throttled by replica lag .* of .* \(replica-1\)/);
    expect(text).toMatch(/\nStandbys\n {2}replica-1 {2}.* behind\n$/);
    const metrics = await metricsOf({ ...look, migrations: [], holder: null }, true);
    expect(await metrics.text()).toMatch(/onward_backfill_worker_throttled_seconds\{.*signal="replicaLag"\} [\d.]+\n/);
    return;
  }
}

async function toldAndResumed(url: string): Promise<void> {
  try {
    await toldElsewhere(url);
  } finally {
    await standby.resumeReplay();
  }
}

test('a backfill pauses while a standby is behind, and goes on when it is not', async () => {
  await withClient('pausing', async (url, client) => {
    const events: RunEvent[] = [];
    let resumed: Promise<void> | null = null;
    await standby.pauseReplay();
    await client.query('create table written as select g from generate_series(1, 10000) g');
    await isBehind(client, 100_000);
    const result = await fill(url, client, {
      throttle: { signals: { replicaLag: { limitMs: null, limitBytes: 50_000 } } },
      onEvent: (event) => {
        events.push(event);
        if (event.kind === 'backfill_throttled') resumed ??= toldAndResumed(url);
      },
    });
    await (resumed ?? standby.resumeReplay());
    expect(result.error).toBeNull();
    const [first, second] = throttling(events);
    expect(first).toMatchObject({ kind: 'backfill_throttled', signal: 'replicaLag', about: 'replica-1' });
    expect(second).toMatchObject({ kind: 'backfill_unthrottled' });
    expect(await filled(client)).toBe(true);
  });
});

test('a standby that must be there and is not pauses it', async () => {
  await withClient('missing', async (url, client) => {
    const events: RunEvent[] = [];
    const stop = new AbortController();
    const outcome = await fill(url, client, {
      throttle: { signals: { replicaLag: { standbys: ['replica-1', 'replica-2'] } } },
      signal: stop.signal,
      onEvent: (event) => {
        events.push(event);
        if (event.kind === 'backfill_throttled') stop.abort('SIGTERM');
      },
    }).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: 'TERMINATED' });
    expect(throttling(events)).toMatchObject([
      { signal: 'replicaLag', state: 'over', value: null, about: 'replica-2 is not connected' },
    ]);
    const { rows } = await client.query('select from users where n <> 0');
    expect(rows).toEqual([]);
  });
});

test('a standby that is not among those that must be there may be as late as it likes', async () => {
  await withClient('other', async (url, client) => {
    await standby.pauseReplay();
    try {
      await sampling(url, { replicaLag: { limitMs: 1, standbys: ['replica-2'] } }, async ({ until }) => {
        await client.query('create table written as select g from generate_series(1, 1000) g');
        const judgement = await until('replicaLag', () => true);
        expect(judgement.measure?.about).toBe('replica-2 is not connected');
      });
    } finally {
      await standby.resumeReplay();
    }
  });
});

test('what a slot keeps counts, and one that is nearly lost is beyond any limit', async () => {
  await withClient('slots', async (url, client) => {
    await client.query("select pg_create_physical_replication_slot('forgotten', true)");
    try {
      await sampling(url, { replicationSlots: { limitBytes: 100_000 } }, async ({ until }) => {
        await client.query('create table written as select g from generate_series(1, 10000) g');
        const over = await until('replicationSlots', ({ state }) => state === 'over');
        expect(over.measure).toMatchObject({ about: 'slot forgotten', limit: 100_000, unit: 'bytes' });
        await client.query("alter system set max_slot_wal_keep_size = '1MB'");
        await client.query('select pg_reload_conf()');
        // Two segments on, the slot's own is more than the megabyte behind.
        await client.query('select pg_switch_wal()');
        await client.query('create table again as select g from generate_series(1, 1000) g');
        await client.query('select pg_switch_wal()');
        await client.query('create table once_more as select g from generate_series(1, 1000) g');
        const leaving = await until('replicationSlots', ({ measure }) => measure?.value === Infinity);
        expect(leaving.measure?.about).toBe('slot forgotten is about to be lost');
        await client.query("select pg_drop_replication_slot('forgotten')");
        await until('replicationSlots', ({ state, measure }) => state === 'easy' && measure === null);
      });
    } finally {
      await client.query('alter system reset max_slot_wal_keep_size');
      await client.query('select pg_reload_conf()');
    }
  });
});

test('segments that the archive does not take are counted', async () => {
  const archiving = await startOwnServer({ settings: { archive_mode: 'on' } });
  const client = new pg.Client({ connectionString: archiving.url });
  const anotherSegment = async (table: string): Promise<void> => {
    await client.query(`create table ${table} (n int)`);
    await client.query('select pg_switch_wal()');
  };
  try {
    await client.connect();
    await sampling(archiving.url, { unarchivedWal: { limitSegments: 2 } }, async ({ until }) => {
      await until('unarchivedWal', ({ measure }) => measure?.value === 0);
      for (const table of ['a', 'b', 'c']) await anotherSegment(table);
      const over = await until('unarchivedWal', ({ state }) => state === 'over');
      expect(over.measure).toMatchObject({ unit: 'segments', limit: 2 });
      await client.query("alter system set archive_command = 'true'");
      await client.query('select pg_reload_conf()');
      // Another segment wakes the archiver, which otherwise looks once a minute.
      await anotherSegment('d');
      await until('unarchivedWal', ({ measure }) => measure?.value === 0);
    });
  } finally {
    await client.end();
    await archiving.stop();
  }
});
