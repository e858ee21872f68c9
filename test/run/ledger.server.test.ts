/** The ledger's installation and the lease: any number of runners, one of which works. */
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/run/clock.ts';
import { installLedger, lookForLedger } from '../../src/run/ledger/install.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner, type Runner } from '../../src/run/runner.ts';
import { openSession } from '../../src/run/session.ts';
import { enterMigration } from '../../src/run/ledger/ledger.ts';
import { backfillMigrations } from '../../src/run/verbs/backfill.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import { readStatus } from '../../src/run/verbs/status.ts';
import { withDatabase } from '../support/server.ts';
import { typedColumns } from './ledger-columns.ts';
import { migration, plan, step, update } from './planned.ts';

/** The names of the columns of each of the ledger's tables. */
async function columnsIn(client: pg.Client): Promise<Readonly<Record<string, readonly string[]>>> {
  const { rows } = await client.query<{ table_name: string; columns: string[] }>(
    `select table_name::text, array_agg(column_name::text order by column_name::text collate "C") as columns
       from information_schema.columns where table_schema = 'onward' group by table_name`,
  );
  return Object.fromEntries(rows.map((row) => [row.table_name, row.columns]));
}

const open = (url: string) => openSession({ url, applicationName: 'onward-test', clock: systemClock });

describe('the ledger', () => {
  test('is installed once when many processes start together', async () => {
    await withDatabase(async (database) => {
      const sessions = await Promise.all(Array.from({ length: 8 }, () => open(database.url)));
      await Promise.all(sessions.map((session) => installLedger(session, 'onward', systemClock)));
      const client = await database.connect();
      const { rows } = await client.query('select version from onward.format');
      expect(rows).toEqual([{ version: 3 }]);
      await Promise.all(sessions.map((session) => session.close()));
    });
  });

  test('goes into the schema that was asked for, whatever its name', async () => {
    await withDatabase(async (database) => {
      const schema = `my "odd" Schema`;
      const planned = plan(migration('m', step('expand', 'create table t (n int)')));
      const result = await withRunner({ url: database.url, schema }, (runner) =>
        expandMigrations(runner, planned, { backfill: true }),
      );
      expect(result.error).toBeNull();
      const session = await open(database.url);
      expect(await lookForLedger(session, 'onward')).toEqual({ kind: 'missing' });
      expect((await readStatus(session, { schema })).migrations).toMatchObject([{ name: 'm', status: 'done' }]);
      await session.close();
    });
  });

  test('status says that nothing was ever run where it is not installed', async () => {
    await withDatabase(async (database) => {
      const session = await open(database.url);
      expect(await readStatus(session)).toEqual({ installed: false, schema: 'onward', holder: null, migrations: [] });
      await session.close();
    });
  });

  test('of a newer version is refused', async () => {
    await withDatabase(async (database) => {
      await withRunner({ url: database.url }, async () => undefined);
      const client = await database.connect();
      await client.query(`update onward.format set version = 99`);
      await expect(withRunner({ url: database.url }, async () => undefined)).rejects.toMatchObject({
        code: 'LEDGER_TOO_NEW',
      });
    });
  });

  test('shows the GRANT to a role that may not create it, and works in a schema that was made for the role', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      const role = `r${database.name}`;
      await client.query(`create role ${role} login password 'x'`);
      try {
        const url = new URL(database.url);
        url.username = role;
        url.password = 'x';
        await expect(withRunner({ url: url.href }, async () => undefined)).rejects.toMatchObject({
          code: 'PERMISSION_DENIED',
          hint: expect.stringContaining(`GRANT CREATE ON DATABASE ${database.name} TO ${role};`),
        });
        await client.query(`create schema onward authorization ${role}`);
        await withRunner({ url: url.href }, async () => undefined);
        await client.query(`drop owned by ${role}`);
      } finally {
        await client.query(`drop role ${role}`);
      }
    });
  });

  test('has the columns that its types say', async () => {
    await withDatabase(async (database) => {
      await withRunner({ url: database.url }, async () => undefined);
      expect(await columnsIn(await database.connect())).toEqual(typedColumns);
    });
  });
});

describe('a ledger of format 1', () => {
  test('is brought to the present one, and its backfill goes on where it stood', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(`create table users (id int primary key, n int default 0);
        insert into users select g, case when g <= 700 then 1 else 0 end from generate_series(1, 2000) g`);
      const planned = migration('m', step('backfill', update({ n: 'n + 1' }), { id: 'backfill-1' }));
      await withRunner({ url: database.url }, (runner) =>
        enterMigration(runner.ledger, planned).then(() =>
          runner.session.query(`update onward.migration set status = 'backfilling';
            update onward.step set status = 'running', attempts = 1`),
        ),
      );
      await client.query(ledgerOfFormat1);
      await client.query('grant select on onward.backfill to pg_monitor');
      const session = await open(database.url);
      const before = await readStatus(session);
      expect(before.migrations[0]?.steps[0]?.backfill).toMatchObject({ rowsDone: 700, status: 'paused' });
      await session.close();

      const result = await withRunner({ url: database.url }, (runner) => backfillMigrations(runner));
      expect(result.error).toBeNull();
      expect((await client.query('select distinct n from users')).rows).toEqual([{ n: 1 }]);
      expect(await columnsIn(client)).toEqual(typedColumns);
      const { rows } = await client.query(`select c.rows_done, c.status, b.status as job,
        has_table_privilege('pg_monitor', 'onward.backfill_chunk', 'select') as may
        from onward.backfill b join onward.backfill_chunk c using (migration, step, purpose)`);
      expect(rows).toEqual([{ rows_done: '2000', status: 'done', job: 'done', may: true }]);
    });
  });
});

describe('a ledger of format 2', () => {
  test('is brought to the present one, with the rights that others have on it', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(`create table users (id int primary key, n int default 0); insert into users values (1)`);
      const planned = plan(migration('m', step('backfill', update({ n: 'n + 1' }), { id: 'backfill-1' })));
      await withRunner({ url: database.url }, (runner) => expandMigrations(runner, planned, { backfill: true }));
      await client.query(`update onward.format set version = 2;
        alter table onward.backfill drop column plan_migration, drop column plan_step, drop column paced_until;
        alter table onward.backfill add foreign key (migration, step) references onward.step (migration, id) on delete cascade;
        alter table onward.backfill_worker drop column throttle, drop column throttled_since;
        grant select on onward.backfill to pg_monitor`);
      await withRunner({ url: database.url }, async () => undefined);
      expect(await columnsIn(client)).toEqual(typedColumns);
      const { rows } = await client.query(`select plan_migration, plan_step,
        has_table_privilege('pg_monitor', 'onward.backfill', 'select') as may from onward.backfill`);
      expect(rows).toEqual([{ plan_migration: 'm', plan_step: 'backfill-1', may: true }]);
    });
  });
});

/** The one table that was different, with a job that was interrupted after 700 rows. */
const ledgerOfFormat1 = `
  drop table onward.backfill, onward.backfill_chunk, onward.backfill_event,
    onward.backfill_quarantine, onward.backfill_worker;
  update onward.format set version = 1;
  create table onward.backfill (
    migration text not null, step text not null, purpose text not null, status text not null, ranges jsonb not null,
    range integer not null default 0, cursor text[], sweep integer not null default 1,
    rows_done bigint not null default 0, rows_scanned bigint not null default 0, estimate bigint not null,
    batch_size integer not null, token uuid, started_at timestamptz not null default now(),
    updated_at timestamptz not null default now(), finished_at timestamptz, last_error jsonb,
    primary key (migration, step, purpose),
    foreign key (migration, step) references onward.step (migration, id) on delete cascade
  );
  insert into onward.backfill (migration, step, purpose, status, ranges, cursor, rows_done, rows_scanned, estimate, batch_size)
    values ('m', 'backfill-1', 'run', 'paused', '[{"kind": "key", "table": {"schema": "public", "name": "users"},
      "columns": ["id"], "types": ["integer"], "upper": ["2000"]}]', '{700}', 700, 700, 2000, 500)`;

describe('the lease', () => {
  test('is held by one runner; the other one is told by whom', async () => {
    await withDatabase(async (database) => {
      await withRunner({ url: database.url, applicationName: 'deploy-41' }, async () => {
        const second = withRunner({ url: database.url, waitForLeaseMs: 0 }, async () => undefined);
        await expect(second).rejects.toMatchObject({
          code: 'LEASE_HELD',
          exitCode: 3,
          message: expect.stringContaining('deploy-41'),
          hint: expect.stringContaining('migrate unlock --terminate'),
        });
      });
      await withRunner({ url: database.url, waitForLeaseMs: 0 }, async () => undefined);
    });
  });

  test('is handed over to a runner that waits', async () => {
    await withDatabase(async (database) => {
      const order: string[] = [];
      const events: RunEvent[] = [];
      let second: Promise<void> = Promise.resolve();
      await new Promise<void>((waiting) => {
        void withRunner({ url: database.url }, async () => {
          second = withRunner(
            {
              url: database.url,
              waitForLeaseMs: 30_000,
              onEvent: (event) => {
                events.push(event);
                waiting();
              },
            },
            async () => void order.push('second'),
          );
          await new Promise<void>((resolve) => setTimeout(resolve, 0));
          while (events.length === 0) await new Promise<void>((resolve) => setTimeout(resolve, 5));
          order.push('first');
        });
      });
      await second;
      expect(order).toEqual(['first', 'second']);
      expect(events[0]).toMatchObject({ kind: 'lease_waiting' });
    });
  });

  test('of a runner whose session is gone is taken over, and the old one can write no more', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await withRunner({ url: database.url }, async (first) => {
        await client.query('select pg_terminate_backend($1)', [first.session.backendPid]);
        const events: RunEvent[] = [];
        await withRunner({ url: database.url, onEvent: (event) => events.push(event) }, async (second) => {
          expect(events.map((event) => event.kind)).toContain('lease_taken_over');
          expect(second.ledger.token).not.toBe(first.ledger.token);
        });
      });
    });
  });

  test('fences: whoever lost it changes nothing', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      const planned = plan(migration('m', step('expand', 'create table t (n int)')));
      const result = await withRunner({ url: database.url }, async (runner) => {
        // As if another runner had taken it: a forged token, for a session that is still there.
        await client.query(`update onward.lease set token = gen_random_uuid()`);
        const attempt = expandMigrations(runner, planned, { backfill: false });
        await expect(attempt).rejects.toMatchObject({ code: 'LEASE_LOST' });
        return 'refused';
      });
      expect(result).toBe('refused');
      expect((await client.query(`select to_regclass('t') as t`)).rows).toEqual([{ t: null }]);
    });
  });

  test('two runners at once do the work once', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query('create table log (n int)');
      const planned = plan(
        migration('m', step('expand', 'insert into log values (1)'), step('expand', 'insert into log values (2)')),
      );
      const run = () =>
        withRunner({ url: database.url, waitForLeaseMs: 30_000 }, (runner: Runner) =>
          expandMigrations(runner, planned, { backfill: true }),
        );
      const results = await Promise.all([run(), run(), run()]);
      expect(results.map((result) => result.error)).toEqual([null, null, null]);
      expect(results.filter((result) => result.migrations[0]?.outcome === 'done')).toHaveLength(1);
      expect((await client.query('select n from log order by n')).rows).toEqual([{ n: 1 }, { n: 2 }]);
    });
  });
});
