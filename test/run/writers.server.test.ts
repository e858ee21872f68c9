/** Writers that are not like the others: with few rights, past the triggers, with statements prepared long ago. */
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { deploying, rows } from './deploying.ts';

beforeAll(async () => {
  await loadParser();
});

const people = `create table people (id bigint primary key, name varchar(40) not null, age int, note text);
  insert into people select n, 'Name ' || n, n, 'x' from generate_series(1, 300) as n`;

describe('rows that are written with session_replication_role = replica, as logical replication writes them', () => {
  test('have the same value under both names of a renamed column', async () => {
    const change = 'alter table people rename column name to full_name';
    await deploying(people, change, async ({ client, expand, backfill, contract }) => {
      await expand();
      await backfill();
      await client.query(`set session_replication_role = replica;
        insert into people (id, name) values (1000, 'applied'); update people set name = 'changed' where id = 7;
        set session_replication_role = origin`);
      expect(await rows(client, 'select full_name from people where id in (7, 1000) order by id')).toEqual([
        { full_name: 'changed' },
        { full_name: 'applied' },
      ]);
      expect((await contract()).error).toBeNull();
    });
  });

  test('are converted for a column that changes its type', async () => {
    await deploying(people, 'alter table people alter column age type bigint', async (deploy) => {
      const { client, expand, backfill, contract } = deploy;
      await expand();
      await backfill();
      await client.query(`set session_replication_role = replica; update people set age = 7000 where id = 7;
        set session_replication_role = origin`);
      expect((await contract()).error).toBeNull();
      expect(await rows(client, 'select age from people where id = 7')).toEqual([{ age: '7000' }]);
    });
  });
});

test('a role that may do no more than its work is refused nothing in any phase', async () => {
  const change = `alter table people rename column name to full_name;
    alter table people alter column age type bigint;
    -- migrate:using 'none'
    alter table people alter column note set not null`;
  const given = `${people};
    do $$ begin if not exists (select from pg_roles where rolname = 'case_writer') then create role case_writer; end if; end $$;
    grant usage on schema public to case_writer; grant select (id, name, age, note), insert (id, name, age, note), update (name, age, note) on people to case_writer`;
  await deploying(given, change, async ({ client, expand, backfill, contract }) => {
    const write = async (id: number, name: string): Promise<void> => {
      await client.query('set role case_writer');
      await client.query(`insert into people (id, ${name}, age) values (${id}, 'by the role', 5)`);
      await client.query(`update people set ${name} = 'again', age = 6 where id = ${id}`);
      await client.query('reset role');
    };
    await expand();
    await write(1001, 'name');
    await write(1002, 'full_name');
    await backfill();
    await write(1003, 'name');
    await write(1004, 'full_name');
    expect((await contract()).error).toBeNull();
    await client.query(
      `set role case_writer; insert into people (id, full_name, age, note) values (1005, 'x', 5, 'x'); reset role`,
    );
    expect(
      await rows(
        client,
        `select full_name, age::int, note from people where id between 1001 and 1004 group by 1, 2, 3`,
      ),
    ).toEqual([{ full_name: 'again', age: 6, note: 'none' }]);
  });
});

test('a prepared statement that reads a column fails once when its type changes; the others notice nothing', async () => {
  await deploying(people, 'alter table people alter column age type bigint', async (deploy) => {
    const { client, expand, backfill, contract } = deploy;
    const named = { name: 'old', text: 'select id, name from people where id = 7' };
    await client.query(named);
    await expand();
    await backfill();
    await client.query('prepare whole as select age from people where id = 7; execute whole');
    expect((await contract()).error).toBeNull();
    await expect(client.query('execute whole')).rejects.toMatchObject({ code: '0A000' });
    await client.query('deallocate whole; prepare whole as select age from people where id = 7');
    expect((await client.query('execute whole')).rows).toEqual([{ age: '7' }]);
    // Whoever lists columns that are none of its business notices nothing.
    expect((await client.query(named)).rows).toEqual([{ id: '7', name: 'Name 7' }]);
  });
});

test('a table that had 1,600 columns takes no other one, and is left as it was', async () => {
  const drops = `do $$ begin
    for n in 1..1596 loop
      execute format('alter table people add column c%s int', n);
      execute format('alter table people drop column c%s', n);
    end loop;
  end $$`;
  const work = deploying(`${people}; ${drops}`, 'alter table people rename column name to full_name', () =>
    Promise.reject(new Error('There is a plan.')),
  );
  await expect(work).rejects.toMatchObject({ code: 'CANNOT_PLAN', message: expect.stringContaining('1600') });
});

test('a value that cannot be computed fails before a trigger could make the application’s statements fail', async () => {
  const change = `-- migrate:using 100 / (age - 77)
    alter table people alter column note set not null`;
  const given = `${people}; update people set note = null where id % 2 = 0`;
  await deploying(given, change, async ({ client, expand }) => {
    expect((await expand()).error).toMatchObject({
      code: 'STEP_FAILED',
      message: expect.stringContaining('division by zero'),
    });
    await client.query(`insert into people (id, name, age) values (1000, 'goes on', 77)`);
    expect(await rows(client, `select tgname from pg_trigger where tgname like '%onward%'`)).toEqual([]);
  });
});
