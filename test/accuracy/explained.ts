/**
 * The disagreements that docs/lint-accuracy.md explains: rows of its tables that begin with a place and what is said of
 * it, as code, and go on with the reason.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryFolder } from '../support/server.ts';

/** `0007_users:12 no-set-not-null` → why it is right that the linter and the server differ there. */
export async function readExplained(): Promise<ReadonlyMap<string, string>> {
  const document = await readFile(path.join(repositoryFolder, 'docs', 'lint-accuracy.md'), 'utf8');
  const rows = [...document.matchAll(/^\|\s*`([^`|]+:\d+ [a-z-]+)`\s*\|\s*([^|]*[^|\s])\s*\|$/gm)];
  return new Map(rows.map(([, key = '', reason = '']) => [key, reason]));
}
