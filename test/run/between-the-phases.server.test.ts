/** What others do to the schema while a migration is between its phases must not lose anything: it is noticed, by name. */
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { deploying, rows } from './deploying.ts';

beforeAll(async () => {
  await loadParser();
});

async function triggerLike(client: pg.Client, pattern: string): Promise<string> {
  const { rows: found } = await client.query<{ name: string }>(
    `select quote_ident(tgname) as name from pg_trigger where tgname like $1 and tgparentid = 0`,
    [pattern],
  );
  return found[0]?.name ?? 'none';
}

const numbers = `create table numbers (id bigint primary key, hits int not null, note text);
  insert into numbers select n, n, 'n' || n from generate_series(1, 300) as n`;
const wider = 'alter table numbers alter column hits type bigint';
const renamed = 'alter table numbers rename column hits to views';

const doubled = `create function double_hits() returns trigger language plpgsql as $$ begin new.hits := new.hits * 2; return new; end $$`;

describe('a trigger of the person’s own that comes to fire after ours', () => {
  test.each([wider, renamed])('stops “%s” before it can lose what the trigger wrote', async (change) => {
    await deploying(numbers, change, async ({ client, expand, backfill, contract }) => {
      await expand();
      expect((await backfill()).error).toBeNull();
      await client.query(`${doubled}; create trigger "~zz" before insert or update on numbers
        for each row execute function double_hits()`);
      const { error } = await contract();
      expect(error).toMatchObject({ code: 'SCHEMA_DRIFT', message: expect.stringContaining('"~zz"') });
      await client.query('insert into numbers (id, hits) values (1000, 21)'); // and now ours is out of step
      await client.query('alter trigger "~zz" on numbers rename to doubling');
      expect(await contract()).toMatchObject({ error: { code: 'DATA_VIOLATES' } });
      await client.query('update numbers set hits = 21 where id = 1000');
      expect((await contract()).error).toBeNull();
      const column = change === wider ? 'hits' : 'views';
      expect(await rows(client, `select ${column}::int as value from numbers where id = 1000`)).toEqual([
        { value: 42 },
      ]);
    });
  });

  test('is seen under the lock of the swap, too', async () => {
    await deploying(numbers, wider, async ({ client, expand, backfill, contract }) => {
      await expand();
      await backfill();
      // It comes between the count and the swap: here with the constraint that is put on in between.
      await client.query(`${doubled};
        create function come_late() returns event_trigger language plpgsql as $$ begin
          if not exists (select from pg_trigger where tgname = '~zz') then
            create trigger "~zz" before insert or update on numbers for each row execute function double_hits();
          end if;
        end $$;
        create event trigger late on ddl_command_end when tag in ('ALTER TABLE') execute function come_late()`);
      const { error } = await contract();
      await client.query('drop event trigger late');
      expect(error).toMatchObject({ code: 'SCHEMA_DRIFT', message: expect.stringContaining('"~zz"') });
      expect(
        await rows(
          client,
          `select format_type(atttypid, null) as type from pg_attribute
        where attrelid = 'numbers'::regclass and attname = 'hits'`,
        ),
      ).toEqual([{ type: 'integer' }]);
    });
  });
});

describe('what a column got meanwhile', () => {
  test('is not lost with the column when its successor takes its place', async () => {
    await deploying(numbers, wider, async ({ client, expand, backfill, contract }) => {
      await expand();
      await backfill();
      await client.query(`create index late_index on numbers (hits); alter table numbers add constraint late_check check (hits > 0);
        create statistics late_statistics on hits, note from numbers; alter table numbers alter column hits set default 5`);
      const { error } = await contract();
      expect(error?.code).toBe('SCHEMA_DRIFT');
      expect(error?.message).toContain(
        'constraint late_check, a default, index late_index, statistics late_statistics',
      );
      await client.query(`drop index late_index; alter table numbers drop constraint late_check; drop statistics late_statistics;
        alter table numbers alter column hits drop default`);
      expect((await contract()).error).toBeNull();
    });
  });

  test.each([
    ['grant select (hits) on numbers to pg_monitor', 'privileges', 'revoke select (hits) on numbers from pg_monitor'],
    ['revoke update (hits) on numbers from public', 'privileges', 'grant update (hits) on numbers to public'],
    [`comment on column numbers.hits is 'all'`, 'comment', `comment on column numbers.hits is 'of a page'`],
    ['alter table numbers alter hits set default 6', 'default', 'alter table numbers alter hits set default 5'],
    ['alter table numbers alter hits drop default', 'default', 'alter table numbers alter hits set default 5'],
    [
      'alter table numbers alter hits set (n_distinct = 9)',
      'statistics settings',
      'alter table numbers alter hits reset (n_distinct)',
    ],
  ])('is not forgotten by its successor: %s', async (change, what, back) => {
    const given = `${numbers}; alter table numbers alter hits set default 5; comment on column numbers.hits is 'of a page';
      grant update (hits) on numbers to public; alter table numbers alter hits set statistics 7`;
    await deploying(given, wider, async ({ client, expand, backfill, contract }) => {
      await expand();
      await backfill();
      await client.query(change);
      const { error } = await contract();
      expect(error).toMatchObject({
        code: 'SCHEMA_DRIFT',
        message: expect.stringContaining(`The ${what} of numbers.hits`),
      });
      await client.query(back);
      expect((await contract()).error).toBeNull();
    });
  });

  test('is not lost with the copy of a renamed one', async () => {
    await deploying(numbers, renamed, async ({ client, expand, backfill, contract }) => {
      await expand();
      await backfill();
      await client.query('create index late_index on numbers (views)');
      expect((await contract()).error).toMatchObject({
        code: 'SCHEMA_DRIFT',
        message:
          'numbers.views has got index late_index since migration 0001 was planned. It would be lost without a word when another column takes its place.',
      });
      await client.query('drop index late_index');
      expect((await contract()).error).toBeNull();
    });
  });

  test('keeps the column from being dropped when something outside the table depends on it', async () => {
    await deploying(numbers, wider, async ({ client, expand, backfill, contract }) => {
      await expand();
      await backfill();
      await client.query('create view late_view as select hits from numbers');
      expect((await contract()).error?.message).toContain('late_view');
      expect(await rows(client, 'select count(*)::int as count from late_view')).toEqual([{ count: 300 }]);
      await client.query('drop view late_view');
      expect((await contract()).error).toBeNull();
    });
  });
});

describe('our trigger', () => {
  test('that was disabled is missed, and rows written meanwhile are counted before contract', async () => {
    await deploying(numbers, renamed, async ({ client, expand, backfill, contract }) => {
      await expand();
      await backfill();
      await client.query('alter table numbers disable trigger all; update numbers set views = 7000 where id = 7');
      const { error } = await contract();
      expect(error).toMatchObject({ code: 'SCHEMA_DRIFT', message: expect.stringContaining('is disabled') });
      await client.query(`alter table numbers enable trigger all`);
      const counted = await contract();
      expect(counted.error?.message).toContain('1 rows of numbers have different values in hits and views');
      await client.query('update numbers set hits = 7000, views = 7000 where id = 7');
      expect((await contract()).error).toBeNull();
      expect(await rows(client, 'select views from numbers where id = 7')).toEqual([{ views: 7000 }]);
    });
  });

  test('that was dropped is missed, and the migration can be taken back', async () => {
    await deploying(numbers, wider, async ({ client, expand, backfill, contract, rollback }) => {
      await expand();
      await client.query(`drop trigger ${await triggerLike(client, '~onward%')} on numbers`);
      expect((await backfill()).error).toMatchObject({
        code: 'SCHEMA_DRIFT',
        message: expect.stringContaining('is gone'),
      });
      await expect(contract()).rejects.toMatchObject({ code: 'BACKFILL_INCOMPLETE' });
      expect((await rollback()).error).toBeNull();
      expect((await expand()).error).toBeNull();
    });
  });
});

test('a partition that is attached meanwhile, with rows of its own, is counted before contract', async () => {
  const given = `create table events (id bigint, day int, kind text) partition by range (day);
    create table events_1 partition of events for values from (1) to (2);
    insert into events select n, 1, 'k' || n from generate_series(1, 200) as n`;
  await deploying(
    given,
    'alter table events rename column kind to sort',
    async ({ client, expand, backfill, contract }) => {
      await expand();
      await backfill();
      await client.query(`create table events_2 (like events including all); insert into events_2 (id, day, kind) values (1, 2, 'late');
      alter table events attach partition events_2 for values from (2) to (3);
      insert into events (id, day, sort) values (2, 2, 'new')`);
      expect(await rows(client, `select kind from events where id = 2 and day = 2`)).toEqual([{ kind: 'new' }]);
      expect((await contract()).error?.message).toContain('1 rows of events have different values in kind and sort');
      await client.query(`update events set sort = kind where day = 2 and sort is distinct from kind`);
      expect((await contract()).error).toBeNull();
      expect(await rows(client, 'select sort from events where day = 2 order by id')).toEqual([
        { sort: 'late' },
        { sort: 'new' },
      ]);
    },
  );
});
