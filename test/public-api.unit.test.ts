/** The public API: its names change only on purpose, and the examples in its documentation compile. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import * as library from '../src/index.ts';
import * as lintEntry from '../src/lint.ts';
import * as ruleSdk from '../src/rule-sdk.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the entry points export these values and no others', () => {
  expect({
    onward: Object.keys(library).toSorted(),
    'onward/lint': Object.keys(lintEntry).toSorted(),
    'onward/rules': Object.keys(ruleSdk).toSorted(),
  }).toMatchSnapshot();
});

test('every function of the library has an example, and the examples compile', async () => {
  const sources = await Promise.all(
    [
      'src/index.ts',
      'src/administration.ts',
      'src/backfill-control.ts',
      'src/lint.ts',
      'src/run/backfills.ts',
      'src/run/functions/define-backfill.ts',
    ].map((file) => fs.readFile(path.join(root, file), 'utf8')),
  );
  const examples = sources.flatMap((source) =>
    [...source.matchAll(/ \* ```ts\n([\s\S]*?) \* ```/g)].map(([, code = '']) => code),
  );
  expect(examples.length).toBeGreaterThan(8);
  // Inside the repository, so that the packages are found.
  const folder = await fs.mkdtemp(path.join(root, 'node_modules', '.onward-examples-'));
  try {
    for (const [index, example] of examples.entries()) {
      const code = example.replaceAll(/^ \* ?/gm, '');
      await fs.writeFile(path.join(folder, `example-${index}.mts`), `${code}\nexport {};\n`);
    }
    const paths = { onward: [path.join(root, 'src/index.ts')], 'onward/lint': [path.join(root, 'src/lint.ts')] };
    const config = {
      extends: path.join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: true,
        rootDir: root,
        paths,
        types: ['node'],
        typeRoots: [path.join(root, 'node_modules/@types')],
      },
      include: ['*.mts'],
    };
    await fs.writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', folder]).catch(
      (error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? 'the compiler did not start' }),
    );
    // What is wrong in the library itself is reported by the type check.
    expect(stdout.split('\n').filter((line) => line.includes('.onward-examples-'))).toEqual([]);
  } finally {
    await fs.rm(folder, { recursive: true });
  }
}, 120_000);
