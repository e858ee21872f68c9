/** A database with a table in use and migrations on their way: what most tests of the command line start from. */
import { expect } from 'vitest';
import { withDatabase, type TestDatabase } from '../support/server.ts';
import { refusePassword, runMain, withFiles, writeFiles, type Run, type RunOptions } from './run-main.ts';

export type Shop = {
  readonly database: TestDatabase;
  readonly folder: string;
  /** Runs a verb on the database and the folder. Fails when the password is in what it prints. */
  migrate(args: readonly string[], options?: RunOptions): Promise<Run>;
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
};

export const usersFile = {
  '0001_users.sql': 'CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text);\n',
};

/** A migration with all three phases. */
export const phoneFile = {
  '0002_phone.sql': "-- migrate:using ''\nALTER TABLE users ADD COLUMN phone text NOT NULL;\n",
};

/** 2,000 users without a phone, and a table that is too large to be treated as small. */
const manyUsers = `INSERT INTO users (email) SELECT 'user' || n FROM generate_series(1, 2000) n; ANALYZE users`;

/** `files` are there beside the table of users, which has been migrated to and filled. */
export async function withShop<T>(
  files: Readonly<Record<string, string>>,
  work: (shop: Shop) => Promise<T>,
): Promise<T> {
  return withDatabase((database) =>
    withFiles(usersFile, async (folder) => {
      const shop = shopOf(database, folder);
      const first = await shop.migrate(['expand']);
      expect(first.err + first.out).toContain('0001_users: expand');
      expect(first.code).toBe(0);
      await shop.query(manyUsers);
      await writeFiles(folder, files);
      return work(shop);
    }),
  );
}

export function shopOf(database: TestDatabase, folder: string): Shop {
  return {
    database,
    folder,
    async migrate(args, options = {}) {
      const run = await runMain([...args, '--dir', folder], { ...options, env: { DATABASE_URL: database.url } });
      refusePassword(run, database.url);
      return run;
    },
    async query(sql) {
      const client = await database.connect();
      const { rows } = await client.query<Record<string, unknown>>(sql);
      return rows;
    },
  };
}
