/**
 * The files run as they are, one transaction each, as a plain runner would. A file that fails on the rows that exist is
 * run the way people then write it: add, fill and require in one transaction.
 */
import pg from 'pg';
import type { MigrationFile } from '../index.ts';

/** What a person writes when `ADD COLUMN … NOT NULL` has failed on the first row. */
const rewritten: Readonly<Record<string, string>> = {
  '0007_add_country': `ALTER TABLE customers ADD COLUMN country char(2);
    UPDATE customers SET country = 'NL';
    ALTER TABLE customers ALTER COLUMN country SET NOT NULL;`,
};

export async function runPlainSql(
  url: string,
  files: readonly MigrationFile[],
  onRefused: (file: string, reason: string) => void,
): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'plain SQL' });
  await client.connect();
  try {
    for (const { name, source } of files) {
      try {
        await client.query(source);
      } catch (error) {
        const instead = rewritten[name];
        if (instead === undefined) throw error;
        onRefused(name, error instanceof Error ? error.message : String(error));
        await client.query(instead);
      }
    }
  } finally {
    await client.end();
  }
}
