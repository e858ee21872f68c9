/**
 * A program of the tests as JavaScript, for a process of its own: not every version of Node takes TypeScript. It is made
 * from the sources as they are, inside the repository, so that the packages are found.
 */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { repositoryFolder } from './server.ts';

export type BundledProgram = { readonly file: string; readonly remove: () => Promise<void> };

export async function bundledProgram(source: string): Promise<BundledProgram> {
  const cache = path.join(repositoryFolder, 'node_modules', '.cache');
  await fs.mkdir(cache, { recursive: true });
  const folder = await fs.mkdtemp(path.join(cache, 'test-program-'));
  const bundle = await rolldown({
    input: { program: path.join(repositoryFolder, source) },
    platform: 'node',
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
  });
  await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' });
  await bundle.close();
  return { file: path.join(folder, 'program.mjs'), remove: () => fs.rm(folder, { recursive: true }) };
}
