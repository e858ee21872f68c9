// Makes dist/: the programs (dist/js, bundled, so that a command loads a few files and not hundreds) and the types of the
// library (dist/types, from the compiler).
//
//   node scripts/build.js             both
//   node scripts/build.js js          one of them, for those who only run it
//
// What is up to date is left alone, and of what is not, only files that differ are written, each at once: a program that
// runs from dist/ is not disturbed, and neither is another build beside this one. Packages stay imports; nothing of other
// people is copied into dist/.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => path.join(root, ...parts);

/** What it is made from: the sources, and what says how and by which versions. */
const sources = ['src', 'rules'];
const settings = ['package-lock.json', 'package.json', 'tsconfig.build.json', 'tsconfig.json', 'scripts/build.js'];

/** The names of the files in dist/js; package.json and bin/migrate.js point to them. */
const entries = {
  index: 'src/index.ts',
  lint: 'src/lint.ts',
  rules: 'src/rule-sdk.ts',
  cli: 'src/cli/main.ts',
};

/** Each answers with the text of each file, by its path in the folder. */
const makers = {
  async js() {
    const { rolldown } = await import('rolldown');
    const bundle = await rolldown({
      cwd: root,
      input: entries,
      platform: 'node',
      external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
      // What is imported late to break a circle may well be in the same chunk.
      checks: { ineffectiveDynamicImport: false },
    });
    try {
      // One run for all entries, so that whatever two of them share is one module, whichever of them is imported first.
      const { output } = await bundle.generate({
        format: 'esm',
        entryFileNames: '[name].js',
        chunkFileNames: 'chunks/[name]-[hash].js',
      });
      return new Map(output.map(({ fileName, code }) => [fileName, code]));
    } finally {
      await bundle.close();
    }
  },

  async types() {
    mkdirSync(at('node_modules/.cache'), { recursive: true });
    const folder = mkdtempSync(at('node_modules/.cache/types-'));
    try {
      const compiler = at('node_modules/typescript/bin/tsc');
      const parameters = [compiler, '-p', 'tsconfig.build.json', '--outDir', folder];
      await promisify(execFile)(process.execPath, parameters, { cwd: root });
      return contents(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function build(part) {
  const made = at('dist', part);
  const stampFile = at('dist', `${part}.stamp`);
  const inputs = new Map([
    ...sources.flatMap((folder) => [...contents(at(folder))].map(([name, text]) => [`${folder}/${name}`, text])),
    ...settings.map((name) => [name, readFileSync(at(name), 'utf8')]),
  ]);
  const stamp = (outputs) => `${hash(inputs)} ${hash(outputs)}\n`;
  const before = contents(made);
  if (textOf(stampFile) === stamp(before)) return;
  const outputs = await makers[part]();
  // Entries are named without a slash and come last, when what they import is there.
  const inOrder = [...outputs].toSorted(([a], [b]) => Number(b.includes('/')) - Number(a.includes('/')));
  for (const [name, text] of inOrder) if (before.get(name) !== text) replace(path.join(made, name), text);
  for (const name of before.keys()) if (!outputs.has(name)) rmSync(path.join(made, name), { force: true });
  replace(stampFile, stamp(outputs));
}

/** The texts of a folder by their paths in it; none when it is not there. */
function contents(folder) {
  const found = new Map();
  const options = { recursive: true, withFileTypes: true };
  let listed;
  try {
    listed = readdirSync(folder, options);
  } catch {
    return found;
  }
  for (const entry of listed) {
    if (!entry.isFile() || !/\.[jt]s$/.test(entry.name)) continue;
    const file = path.join(entry.parentPath, entry.name);
    const text = textOf(file); // null when another build has just removed it
    if (text !== null) found.set(path.relative(folder, file).split(path.sep).join('/'), text);
  }
  return found;
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function hash(texts) {
  const sum = createHash('sha256');
  for (const [name, text] of [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1))) sum.update(`${name}\0${text}\0`);
  return sum.digest('hex');
}

/** Whoever reads the file sees the old text or the new one, never a part. */
function replace(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((part) => !Object.hasOwn(makers, part));
if (unknown === undefined) {
  await Promise.all((wanted.length === 0 ? Object.keys(makers) : wanted).map(build)).catch((error) => {
    // The compiler tells on stdout what is wrong.
    console.error(error.stdout || error);
    process.exitCode = 1;
  });
} else {
  console.error(`There is no "${unknown}" to build; there are ${Object.keys(makers).join(' and ')}.`);
  process.exitCode = 2;
}
