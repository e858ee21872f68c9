// A history of small migrations for the benchmarks: tables, columns, indexes, foreign keys, enum labels.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * @param {number} count
 * @returns {Promise<string>} the new folder; whoever asked for it removes it
 */
export async function makeFolder(count) {
  const folder = await mkdtemp(path.join(tmpdir(), 'onward-bench-'));
  for (let n = 0; n < count; n += 1) {
    const table = `t${Math.floor(n / 8)}`;
    const kinds = [
      `CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, n integer);`,
      `ALTER TABLE ${table} ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();`,
      `CREATE INDEX ${table}_name ON ${table} (name);`,
      `ALTER TABLE ${table} ADD COLUMN parent_id bigint;\nALTER TABLE ${table} ADD CONSTRAINT ${table}_parent FOREIGN KEY (parent_id) REFERENCES ${table} (id);`,
      `CREATE TYPE ${table}_kind AS ENUM ('a', 'b');\nALTER TABLE ${table} ADD COLUMN kind ${table}_kind;`,
      `ALTER TABLE ${table} ALTER COLUMN n SET NOT NULL;`,
      `CREATE INDEX CONCURRENTLY ${table}_n ON ${table} (n);`,
      `ALTER TABLE ${table} ADD CONSTRAINT ${table}_check CHECK (n >= 0);\nCOMMENT ON TABLE ${table} IS 'made up';`,
    ];
    await writeFile(path.join(folder, `${String(n).padStart(4, '0')}_change.sql`), `${kinds[n % kinds.length]}\n`);
  }
  return folder;
}
