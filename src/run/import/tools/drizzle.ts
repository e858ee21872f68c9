/**
 * Drizzle's history, in a schema of its own: a row for each file, known by the `when` of its line in the journal. The hash
 * is the SHA-256 of the file. When it ran is not kept.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { MigrationFile } from '../../../plan/migration-file.ts';
import { sql } from '../../../sql/template.ts';
import { journalFile, journalMoments } from '../../drizzle-journal.ts';
import type { HistoryTool } from '../history-tool.ts';

export const drizzle: HistoryTool = {
  name: 'drizzle',
  title: 'Drizzle',
  schema: null,
  table: '__drizzle_migrations',
  columns: ['id', 'hash', 'created_at'],
  entries: (table) =>
    sql`select created_at::text as id, 'done' as state, null::timestamptz as at, hash as checksum from ${table} order by created_at`,
  idsOf,
  checksum: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  repair: () => 'Drizzle runs all files in one transaction: nothing of a failed one is left. Run it again.',
};

/** A file that the journal does not know keeps its name: no row is known by that. */
async function idsOf(files: readonly MigrationFile[]): Promise<readonly string[]> {
  const [first] = files;
  if (first === undefined) return [];
  const journal = path.join(path.dirname(first.path), journalFile);
  const moments = journalMoments(await fs.readFile(journal, 'utf8').catch(() => ''));
  return files.map(({ name }) => moments.get(name) ?? name);
}
