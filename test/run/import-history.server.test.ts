/**
 * Taking over from other tools, on a real server: each tool's own table, made by its own DDL (their sources are named in
 * docs/import.md), files in its shape, a history that ended before the last file, and what is left when it failed half way.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { baseline, diff, importHistory, status, surveyHistory, up } from '../../src/index.ts';
import { withFiles } from '../cli/run-main.ts';
import { withDatabase } from '../support/server.ts';

const first = 'CREATE TABLE a (id bigint PRIMARY KEY);\n';
const second = 'ALTER TABLE a ADD COLUMN b text;\n';
const third = 'ALTER TABLE a ADD COLUMN c text;\n';

type Case = {
  readonly tool: string;
  /** Three migrations. */
  readonly files: Readonly<Record<string, string>>;
  readonly history: string;
  /** Makes the history one that failed half way, and takes that back. */
  readonly fails?: readonly [string, string];
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const sha384 = (text: string): string => createHash('sha384').update(text).digest('hex');
const flywayChecksum = (text: string): number => crc32(text.replaceAll('\n', '')) | 0;
const numbered = { '0001_a.sql': first, '0002_b.sql': second, '0003_c.sql': third };

const cases: readonly Case[] = [
  {
    tool: 'prisma',
    files: {
      '20240101000000_a/migration.sql': first,
      '20240102000000_b/migration.sql': second,
      '20240103000000_c/migration.sql': third,
      'migration_lock.toml': 'provider = "postgresql"\n',
    },
    history: `CREATE TABLE _prisma_migrations (
        id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
        migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
        started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0);
      INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, rolled_back_at) VALUES
        ('1', '${sha256(first)}', '20240101000000_a', now(), null),
        ('2', '${sha256(second)}', '20240102000000_b', null, now()),
        ('3', '${sha256(second)}', '20240102000000_b', now(), null)`,
    fails: [
      `UPDATE _prisma_migrations SET finished_at = null WHERE id = '3'`,
      `UPDATE _prisma_migrations SET finished_at = now() WHERE id = '3'`,
    ],
  },
  {
    tool: 'drizzle',
    files: {
      '0000_a.sql': `${first.trim()}\n--> statement-breakpoint\nCOMMENT ON TABLE a IS 'x';\n`,
      '0001_b.sql': second,
      '0002_c.sql': third,
      'meta/_journal.json': JSON.stringify({
        entries: ['0000_a', '0001_b', '0002_c'].map((tag, idx) => ({ idx, when: 1_700_000_000_000 + idx, tag })),
      }),
    },
    history: `CREATE SCHEMA drizzle;
      CREATE TABLE drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint);
      INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES
        ('${sha256(`${first.trim()}\n--> statement-breakpoint\nCOMMENT ON TABLE a IS 'x';\n`)}', 1700000000000),
        ('${sha256(second)}', 1700000000001)`,
  },
  {
    tool: 'golang-migrate',
    files: {
      '000001_a.up.sql': first,
      '000001_a.down.sql': 'DROP TABLE a;\n',
      '000002_b.up.sql': second,
      '000003_c.up.sql': third,
    },
    history: `CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null);
      INSERT INTO schema_migrations VALUES (2, false)`,
    fails: ['UPDATE schema_migrations SET dirty = true', 'UPDATE schema_migrations SET dirty = false'],
  },
  {
    tool: 'flyway',
    files: {
      'V1__a.sql': first,
      'V1.02__b.sql': second,
      'V2__c.sql': third,
      'R__views.sql': 'CREATE VIEW v AS SELECT 1 AS n;\n',
    },
    history: `CREATE TABLE flyway_schema_history (
        installed_rank INT NOT NULL, version VARCHAR(50), description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL,
        script VARCHAR(1000) NOT NULL, checksum INTEGER, installed_by VARCHAR(100) NOT NULL,
        installed_on TIMESTAMP NOT NULL DEFAULT now(), execution_time INTEGER NOT NULL, success BOOLEAN NOT NULL,
        CONSTRAINT flyway_schema_history_pk PRIMARY KEY (installed_rank));
      INSERT INTO flyway_schema_history VALUES
        (0, null, '<< Flyway Schema Creation >>', 'SCHEMA', '"public"', null, 'x', now(), 0, true),
        (1, '1', 'a', 'SQL', 'V1__a.sql', ${flywayChecksum(first)}, 'x', now(), 1, true),
        (2, '1.02', 'b', 'SQL', 'V1.02__b.sql', ${flywayChecksum(second)}, 'x', now(), 1, true),
        (3, null, 'views', 'SQL', 'R__views.sql', 7, 'x', now(), 1, true);
      CREATE VIEW v AS SELECT 1 AS n`,
    fails: [
      `UPDATE flyway_schema_history SET success = false WHERE installed_rank = 2`,
      `UPDATE flyway_schema_history SET success = true`,
    ],
  },
  {
    tool: 'goose',
    files: {
      '00001_a.sql': `-- +goose Up\n${first}-- +goose Down\nDROP TABLE a;\n`,
      '00002_b.sql': `-- +goose Up\n${second}`,
      '00003_c.sql': `-- +goose Up\n${third}`,
    },
    history: `CREATE TABLE goose_db_version (id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
        version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NOT NULL DEFAULT now());
      INSERT INTO goose_db_version (version_id, is_applied) VALUES
        (0, true), (1, true), (2, true), (2, false), (2, true), (3, true), (3, false)`,
  },
  {
    tool: 'dbmate',
    files: {
      '20240101000000_a.sql': `-- migrate:up\n${first}-- migrate:down\nDROP TABLE a;\n`,
      '20240102000000_b.sql': `-- migrate:up\n${second}`,
      '20240103000000_c.sql': `-- migrate:up\n${third}`,
    },
    history: `CREATE TABLE schema_migrations (version varchar(128) primary key);
      INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240102000000')`,
  },
  {
    tool: 'diesel',
    files: {
      '00000000000000_diesel_initial_setup/up.sql': first,
      '2024-01-02-000000_b/up.sql': second,
      '2024-01-02-000000_b/down.sql': 'ALTER TABLE a DROP COLUMN b;\n',
      '2024-01-03-000000_c/up.sql': third,
    },
    history: `CREATE TABLE __diesel_schema_migrations (
        version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
      INSERT INTO __diesel_schema_migrations (version) VALUES ('00000000000000'), ('20240102000000')`,
  },
  {
    tool: 'sqitch',
    files: {
      'sqitch.plan':
        '%syntax-version=1.0.0\n%project=shop\n\na 2024-01-01T00:00:00Z A <a@b.c> # a\n@v1 2024-01-01T00:00:00Z A <a@b.c> # v1\na [a@v1] 2024-01-02T00:00:00Z A <a@b.c> # again\nc 2024-01-03T00:00:00Z A <a@b.c> # c\n',
      'deploy/a@v1.sql': `-- Deploy shop:a to pg\n${first}`,
      'deploy/a.sql': `-- Deploy shop:a to pg\n${second}`,
      'deploy/c.sql': `-- Deploy shop:c to pg\n${third}`,
    },
    history: `CREATE SCHEMA sqitch;
      CREATE TABLE sqitch.changes (change_id TEXT PRIMARY KEY, script_hash TEXT, change TEXT NOT NULL, project TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '', committed_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        committer_name TEXT NOT NULL, committer_email TEXT NOT NULL, planned_at TIMESTAMPTZ NOT NULL,
        planner_name TEXT NOT NULL, planner_email TEXT NOT NULL, UNIQUE (project, script_hash));
      INSERT INTO sqitch.changes VALUES
        ('1', 'h1', 'a', 'shop', '', '2024-01-01', 'A', 'a@b.c', now(), 'A', 'a@b.c'),
        ('2', 'h2', 'a', 'shop', '', '2024-01-02', 'A', 'a@b.c', now(), 'A', 'a@b.c'),
        ('3', 'h3', 'c', 'another', '', '2024-01-03', 'A', 'a@b.c', now(), 'A', 'a@b.c')`,
  },
  {
    tool: 'supabase',
    files: { '20240101000000_a.sql': first, '20240102000000_b.sql': second, '20240103000000_c.sql': third },
    history: `CREATE SCHEMA supabase_migrations;
      CREATE TABLE supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY, statements text[], name text);
      INSERT INTO supabase_migrations.schema_migrations (version, name) VALUES ('20240101000000', 'a'), ('20240102000000', 'b')`,
  },
  {
    tool: 'node-pg-migrate',
    files: {
      '1700000000000_a.sql': `-- Up Migration\n${first}-- Down Migration\nDROP TABLE a;\n`,
      '1700000000001_b.sql': `-- Up Migration\n${second}`,
      '1700000000002_c.sql': `-- Up Migration\n${third}`,
    },
    history: `CREATE TABLE pgmigrations (id SERIAL PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
      INSERT INTO pgmigrations (name, run_on) VALUES ('1700000000000_a', now()), ('1700000000001_b', now())`,
  },
  {
    tool: 'kysely',
    files: numbered,
    history: `CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, "timestamp" varchar(255) NOT NULL);
      CREATE TABLE kysely_migration_lock (id varchar(255) PRIMARY KEY, is_locked integer NOT NULL DEFAULT 0);
      INSERT INTO kysely_migration VALUES ('0001_a', '2024-01-01T00:00:00.000Z'), ('0002_b', '2024-01-02T00:00:00.000Z')`,
  },
  {
    tool: 'sqlx',
    files: numbered,
    history: `CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
        installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL,
        execution_time BIGINT NOT NULL);
      INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES
        (1, 'a', true, '\\x${sha384(first)}', 1), (2, 'b', true, '\\x${sha384(second)}', 1)`,
    fails: [
      'UPDATE _sqlx_migrations SET success = false WHERE version = 2',
      'UPDATE _sqlx_migrations SET success = true',
    ],
  },
];

test.each(cases)('$tool: what ran is done, what did not runs next, and what failed is refused', async (one) => {
  const { tool, files, history, fails } = one;
  await withDatabase((database) =>
    withFiles(files, async (dir) => {
      const client = await database.connect();
      await client.query(`${first}${second}${history}`);
      const input = { databaseUrl: database.url, dir };

      if (fails !== undefined) {
        await client.query(fails[0]);
        await expect(importHistory(input)).rejects.toMatchObject({ code: 'HISTORY_UNFINISHED' });
        await client.query(fails[1]);
      }
      const { tool: found, toMark, pending } = await importHistory(input);
      expect(found).toBe(tool);
      expect(toMark).toHaveLength(tool === 'flyway' ? 3 : 2);
      expect(pending).toHaveLength(1);
      // A second time there is nothing to mark.
      expect((await surveyHistory(input)).toMark).toEqual([]);

      expect((await up(input)).error).toBeNull();
      const { rows } = await client.query(
        `select attname from pg_attribute where attrelid = 'a'::regclass and attnum > 0 order by attnum`,
      );
      expect(rows.map(({ attname }) => attname)).toEqual(['id', 'b', 'c']);
      const after = await status(input);
      expect(after.problems).toEqual([]);
      expect(after.pending).toEqual([]);
    }),
  );
});

test('a gap, an edited file and a missing file are refused; with force the last two are taken as they are', async () => {
  const prisma = cases[0];
  if (prisma === undefined) throw new Error('no case');
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`${first}${second}${prisma.history}`);
    const survey = (files: Readonly<Record<string, string>>, force = false) =>
      withFiles(files, (dir) => surveyHistory({ databaseUrl: database.url, dir, force }));

    await expect(survey({ ...prisma.files, '20240101120000_between/migration.sql': third })).rejects.toMatchObject({
      code: 'FILE_OUT_OF_ORDER',
    });
    const edited = { ...prisma.files, '20240101000000_a/migration.sql': `${first}-- edited\n` };
    await expect(survey(edited)).rejects.toMatchObject({ code: 'CHECKSUM_CHANGED' });
    expect((await survey(edited, true)).edited).toEqual(['20240101000000_a']);
    const crlf = { ...prisma.files, '20240101000000_a/migration.sql': first.replaceAll('\n', '\r\n') };
    expect((await survey(crlf)).toMark).toHaveLength(2);
    const { '20240102000000_b/migration.sql': _, ...without } = prisma.files;
    await expect(survey(without)).rejects.toMatchObject({ code: 'FILE_MISSING' });
    expect((await survey(without, true)).missing).toEqual(['20240102000000_b']);

    // Kysely's migrations are code: nothing of them is ours, and what did not run is told.
    await client.query(`DROP TABLE _prisma_migrations;
      CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, "timestamp" varchar(255) NOT NULL);
      INSERT INTO kysely_migration VALUES ('0001_a', '2024-01-01T00:00:00.000Z')`);
    expect(await survey({ '0001_a.ts': '', '0002_b.ts': '', '0003_c.sql': third })).toMatchObject({
      tool: 'kysely',
      code: ['0001_a'],
      pendingCode: ['0002_b'],
      toMark: [],
      pending: ['0003_c'],
    });
    await client.query('DROP TABLE kysely_migration');
    await expect(survey(numbered)).rejects.toMatchObject({ code: 'NO_HISTORY' });
  });
});

test('a baseline is marked when the schema is what the files make, else only by force; diff says what differs', async () => {
  await withDatabase((database) =>
    withDatabase((standIn) =>
      withFiles(numbered, async (dir) => {
        const client = await database.connect();
        const input = { databaseUrl: database.url, dir };
        await client.query(`${first}${second}CREATE INDEX by_hand ON a (b)`);

        await expect(baseline({ ...input, to: '0002_b', standInUrl: standIn.url })).rejects.toMatchObject({
          code: 'SCHEMA_DRIFT',
          message: expect.stringContaining('by_hand') as string,
        });
        expect((await status(input)).installed).toBe(false);
        // The stand-in is used up.
        await expect(diff({ ...input, standInUrl: standIn.url })).rejects.toThrow('The stand-in is not empty');

        const { marked, pending } = await baseline({ ...input, to: '0002_b', force: true });
        expect([marked, pending]).toEqual([['0001_a', '0002_b'], ['0003_c']]);
        const client2 = await standIn.connect();
        await client2.query('DROP SCHEMA public CASCADE; DROP SCHEMA onward CASCADE; CREATE SCHEMA public');
        const found = await diff({ ...input, standInUrl: standIn.url });
        expect(found.map(({ kind, path }) => `${kind} ${path}`)).toEqual(['unexpected table public.a index by_hand']);
        expect((await up(input)).error).toBeNull();
        expect((await status(input)).problems).toEqual([]);
      }),
    ),
  );
});
