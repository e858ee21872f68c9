/** A backfill that gives way to its signals, on a real server. */
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/run/run-event.ts';
import { withDatabase } from '../../support/server.ts';
import { until } from '../killed-runner.ts';
import { fill, filled, throttling } from './filling.ts';

test('it pauses while a signal is over its limit, and goes on afterwards', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table queue (length int); insert into queue values (9)`);
    const events: RunEvent[] = [];
    let doneWhilePaused = -1;
    const result = await fill(database.url, client, {
      throttle: {
        signals: { queries: { queue: { sql: 'select length as value, 5 as limit from queue', everyMs: 20 } } },
      },
      onEvent: (event) => {
        events.push(event);
        if (event.kind !== 'backfill_throttled') return;
        void client
          .query<{ n: number }>('select count(*)::int as n from users where n = 1')
          .then(({ rows: [row] }) => (doneWhilePaused = row?.n ?? -1))
          .then(() => client.query('update queue set length = 0'));
      },
    });
    expect(result.error).toBeNull();
    expect(doneWhilePaused).toBe(0);
    expect(throttling(events)).toMatchObject([
      { kind: 'backfill_throttled', rung: 'paused', signal: 'queue', state: 'over', value: 9, limit: 5 },
      { kind: 'backfill_unthrottled' },
    ]);
    expect(await filled(client)).toBe(true);
  });
});

test('a signal that fails pauses it until it works', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const events: RunEvent[] = [];
    const result = await fill(database.url, client, {
      throttle: { signals: { queries: { queue: { sql: 'select 0 as value, 5 as limit from queue', everyMs: 20 } } } },
      onEvent: (event) => {
        events.push(event);
        if (event.kind === 'backfill_throttled')
          void client.query('create table queue (length int); insert into queue values (0)');
      },
    });
    expect(result.error).toBeNull();
    expect(throttling(events)[0]).toMatchObject({
      signal: 'queue',
      state: 'failed',
      value: null,
      about: 'relation "queue" does not exist',
    });
  });
});

test('pressure that stays critical holds it, and at last asks for a person', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const events: RunEvent[] = [];
    const result = await fill(database.url, client, {
      throttle: {
        signals: { queries: { queue: { sql: 'select 100 as value, 5 as limit', everyMs: 20 } } },
        ladder: { criticalForMs: 1, holdMs: 1, mostHolds: 2 },
      },
      onEvent: (event) => void events.push(event),
    });
    expect(result.error).toMatchObject({
      code: 'BACKFILL_FAILED',
      message: 'The backfill of public.users was held 2 times in a row, last because of queue.',
    });
    expect(throttling(events).map((event) => 'rung' in event && event.rung)).toEqual(['paused', 'held', 'stopped']);
    const { rows: touched } = await client.query('select from users where n <> 0');
    expect(touched).toEqual([]);
  });
});

test('a pause ends at once when it is interrupted', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const stop = new AbortController();
    const result = await fill(database.url, client, {
      throttle: { signals: { queries: { queue: { sql: 'select 6 as value, 5 as limit' } } } },
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'backfill_throttled') stop.abort('SIGTERM');
      },
    }).catch((error: unknown) => error);
    expect(result).toMatchObject({ code: 'TERMINATED' });
  });
});

test('a batch for which somebody waits too long is cancelled, and what follows is smaller', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    // One row in the middle takes as long as it is let, while the ones before it are locked.
    const before = `create sequence tries; create function slow() returns trigger language plpgsql as $$
        begin
          if new.id = 50 and pg_sequence_last_value('tries') is null then
            perform nextval('tries'), pg_sleep(600);
          end if;
          return new;
        end $$;
      create trigger slow before update on users for each row execute function slow()`;
    const events: RunEvent[] = [];
    const inTheMiddle = "select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
    const waiting = until(client, inTheMiddle).then(() => client.query('update users set n = n + 10 where id = 1'));
    const result = await fill(database.url, client, {
      before,
      throttle: { signals: { blockedSessions: { limitMs: 100, cancelAfterMs: 300 } } },
      onEvent: (event) => void events.push(event),
    });
    await waiting;
    expect(result.error).toBeNull();
    expect(events.find((event) => event.kind === 'backfill_retried')).toMatchObject({ sqlstate: '57014' });
    const { rows: sums } = await client.query<{ n: number }>('select distinct n from users order by n');
    expect(sums.map(({ n }) => n)).toEqual([1, 11]);
  });
});
