/**
 * What the server makes of a batch: a range of the key's index, never the whole table. A batch that reads the table from
 * its start is fast on small tables and never ends on large ones, whatever its size; so the tables here are large enough
 * for the planner to care, and were never analysed, as a table that was just filled.
 */
import { expect, test } from 'vitest';
import type { BackfillRun } from '../../src/operations/step-draft.ts';
import { batchEndSql, batchSql } from '../../src/run/backfill/batch-statements.ts';
import { inQuietSession } from '../../src/run/backfill/quiet-session.ts';
import { freezeChunks } from '../../src/run/backfill/chunking.ts';
import { withRunner } from '../../src/run/runner.ts';
import { withDatabase } from '../support/server.ts';
import { update } from './planned.ts';

const rows = 20_000;
const batch = 500;

const keys: readonly { readonly name: string; readonly table: string }[] = [
  {
    name: 'bigint',
    table: `create table users (k bigint primary key, n int, t int);
      insert into users select g, 0, g % 1000 from generate_series(1, ${rows}) g`,
  },
  {
    name: 'composite',
    table: `create table users (region text, day date, k bigint, n int, t int, primary key (region, day, k));
      insert into users select 'r' || g % 3, date '2024-01-01' + g % 50, g, 0, g % 1000 from generate_series(1, ${rows}) g`,
  },
  {
    name: 'uuid',
    table: `create table users (k uuid primary key, n int, t int);
      insert into users select md5(g::text)::uuid, 0, g % 1000 from generate_series(1, ${rows}) g`,
  },
  {
    name: 'text',
    table: `create table users (k text primary key, n int, t int);
      insert into users select 'user ' || g, 0, g % 1000 from generate_series(1, ${rows}) g`,
  },
  {
    name: 'varchar',
    table: `create table users (k varchar(40) primary key, n int, t int);
      insert into users select 'user ' || g, 0, g % 1000 from generate_series(1, ${rows}) g`,
  },
  {
    name: 'timestamptz',
    table: `create table users (k timestamptz primary key, n int, t int);
      insert into users select timestamptz '2024-01-01' + g * interval '1 second', 0, g % 1000 from generate_series(1, ${rows}) g`,
  },
  {
    name: 'numeric',
    table: `create table users (k numeric(20, 4) primary key, n int, t int);
      insert into users select g * 1.5, 0, g % 1000 from generate_series(1, ${rows}) g`,
  },
];

const teams = `create table teams (id int primary key, points int);
  insert into teams select g, g from generate_series(0, ${rows}) g;
  create table copies (id bigint generated always as identity primary key, t int)`;

const jobs: readonly { readonly name: string; readonly run: BackfillRun }[] = [
  { name: 'an update', run: update({ n: 'n + 1' }) },
  { name: 'a delete', run: update({}, { command: 'delete', where: 'n > 5' }) },
  {
    name: 'an update from another table',
    run: update({ n: 'n + teams.points' }, { where: 'teams.id = users.t', beside: { from: ['teams'], with: [] } }),
  },
  {
    name: 'an update with a sub-query',
    run: update({ n: '(select points from teams where teams.id = users.t)' }),
  },
  {
    name: 'a delete of what is not in another table',
    run: update({}, { command: 'delete', where: 'not exists (select from teams where teams.id = users.t)' }),
  },
  {
    name: 'an insert',
    run: update(
      {},
      {
        command: 'insert',
        insert: {
          into: { schema: 'public', name: 'copies' },
          statement: 'insert into copies (t) select t from users join teams on teams.id = users.t',
          ofBatch: 'insert into copies (t) select t from onward_rows as users join teams on teams.id = users.t',
          columns: ['t'],
        },
      },
    ),
  },
];

test.each(keys)('a batch is a range of an index: $name', async ({ table }) => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`${table}; ${teams};
      alter table users set (autovacuum_enabled = false); alter table teams set (autovacuum_enabled = false)`);
    await withRunner({ url: database.url }, async ({ session, ledger, backfill }) => {
      for (const { name, run } of jobs) {
        const { chunks } = await freezeChunks(session, run, rows);
        const [range] = chunks;
        if (range?.kind !== 'key') throw new Error('It is not walked by a key.');
        await inQuietSession(session, backfill, {}, 'm', async () => {
          const key = async (sql: string) => (await session.query<{ key: string[] }>(sql)).rows[0]?.key ?? [];
          const after = await key(batchEndSql(range, null, rows / 2));
          const upTo = await key(batchEndSql(range, after, batch));
          const search = await scans(session, batchEndSql(range, after, batch));
          const { schema, token } = ledger;
          const fence = { schema, token, job: { migration: 'm', step: 's', purpose: 'run' }, ordinal: 1 };
          const checkpoint = {
            next: { cursor: upTo, windowFrom: null, windowTo: null, pass: 0, isDone: false },
            rowsScanned: batch,
            batchSize: batch,
          };
          const found = await scans(session, batchSql(fence, run, [], range, { after, upTo }, checkpoint));
          const read = JSON.stringify(run).includes('teams') ? ['teams by a range'] : [];
          expect({ name, search, found: found.filter((scan) => !scan.startsWith('backfill')) }).toEqual({
            name,
            search: ['users by a range'],
            found: [...read, 'users by a range'],
          });
        });
      }
    });
  });
});

type PlanNode = Readonly<Record<string, unknown>> & { readonly Plans?: readonly PlanNode[] };

/** How each table is read. */
async function scans(
  session: { query<R>(sql: string): Promise<{ readonly rows: readonly R[] }> },
  sql: string,
): Promise<readonly string[]> {
  const { rows: lines } = await session.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
    `explain (format json) ${sql}`,
  );
  const all: PlanNode[] = [];
  const collect = (node: PlanNode): void => {
    all.push(node);
    node.Plans?.forEach(collect);
  };
  for (const { Plan } of lines[0]?.['QUERY PLAN'] ?? []) collect(Plan);
  const indexed = new Set(
    all
      .filter((node) => node['Node Type'] === 'Bitmap Index Scan' && 'Index Cond' in node)
      .map((node) => node['Index Name']),
  );
  return all
    .filter((node) => typeof node['Relation Name'] === 'string' && String(node['Node Type']).includes('Scan'))
    .map((node) => {
      const byIndex = 'Index Cond' in node || (node['Node Type'] === 'Bitmap Heap Scan' && indexed.size > 0);
      return `${String(node['Relation Name'])} ${byIndex ? 'by a range' : `by ${String(node['Node Type'])}`}`;
    })
    .toSorted();
}
