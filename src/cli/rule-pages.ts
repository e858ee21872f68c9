/** The pages of the lint rules, as the package ships them. */
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** By rule. */
export async function rulePages(): Promise<ReadonlyMap<string, string>> {
  const folder = path.join(path.dirname(createRequire(import.meta.url).resolve('onward/package.json')), 'rules');
  const entries = await fs.readdir(folder, { withFileTypes: true });
  const ids = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return new Map(
    await Promise.all(
      ids.map(async (id) => [id, await fs.readFile(path.join(folder, id, 'README.md'), 'utf8')] as const),
    ),
  );
}
