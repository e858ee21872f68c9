/**
 * The tables of the benchmark, and fresh copies of them: each run has a database of its own that the server copies from a
 * template, so that all begin with the same packed, analysed pages and nothing in the write-ahead log.
 */
import pg from 'pg';
import { backfill, expand, type RunOptions } from '../../src/index.ts';
import type { EmbeddedServer } from '../../src/run/embedded-server.ts';

/** `narrow`: a primary key; `wide`: four indexes, none on what is updated; `indexed`: as wide, and one on that too. */
export const shapes = ['narrow', 'wide', 'indexed'] as const;
export type Shape = (typeof shapes)[number];

/** What a person writes, and what the backfill does instead of it. */
export const statement = 'update users set email_lower = lower(email)';

const columns: Readonly<
  Record<Shape, { readonly also: string; readonly values: string; readonly indexes: readonly string[] }>
> = {
  narrow: { also: '', values: '', indexes: [] },
  wide: {
    also: ', name text, bio text, created_at timestamptz',
    values: `, 'User ' || g, repeat(md5(g::text), 3), timestamptz '2020-01-01' + g * interval '1 minute'`,
    indexes: ['email', 'name', 'created_at'],
  },
  indexed: {
    also: ', name text, bio text, created_at timestamptz',
    values: `, 'User ' || g, repeat(md5(g::text), 3), timestamptz '2020-01-01' + g * interval '1 minute'`,
    indexes: ['email', 'name', 'created_at', 'email_lower'],
  },
};

export type Copies = {
  /** The URL of a fresh copy. */
  copy(): Promise<string>;
  drop(): Promise<void>;
};

let databases = 0;

export async function makeTable(server: EmbeddedServer, shape: Shape, rows: number): Promise<Copies> {
  const template = `template_${(databases += 1)}`;
  const url = await server.createDatabase(template);
  const { also, values, indexes } = columns[shape];
  await inDatabase(url, async (client) => {
    await client.query(`create table users (id bigint primary key, email text not null, email_lower text${also})`);
    await client.query(`insert into users select g, 'Person.' || g || '@Example.com', null${values}
      from generate_series(1, ${rows}) g`);
    for (const column of indexes) await client.query(`create index on users (${column})`);
    await client.query('vacuum (freeze, analyze) users');
  });
  const copies: string[] = [];
  return {
    async copy() {
      const name = `copy_${(databases += 1)}`;
      copies.push(name);
      await inDatabase(server.url, async (client) => {
        await client.query(
          `create database ${name} template ${template}${server.version >= 15 ? ' strategy file_copy' : ''}`,
        );
        await client.query('checkpoint');
      });
      const copied = new URL(url);
      copied.pathname = `/${name}`;
      return copied.href;
    },
    async drop() {
      await inDatabase(server.url, async (client) => {
        for (const name of [...copies, template]) await client.query(`drop database if exists ${name} with (force)`);
      });
    },
  };
}

/** A migration that is expanded, so that `runBackfill` has nothing to do but the rows. */
export async function prepareBackfill(url: string): Promise<void> {
  const source = `${statement};`;
  const migration = { name: 'fill', path: 'fill.sql', source, checksum: 'bench' };
  const { error } = await expand({ databaseUrl: url, migrations: [migration], smallTable: null });
  if (error !== null) throw error;
}

export async function runBackfill(url: string, options: Omit<RunOptions, 'databaseUrl'> = {}): Promise<void> {
  const { error } = await backfill({ databaseUrl: url, ...options });
  if (error !== null) throw error;
}

export async function inDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
