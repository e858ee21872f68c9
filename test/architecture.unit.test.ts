/**
 * The layer table of ARCHITECTURE.md, enforced. A wrong import, a hidden clock, a file that grew too long or a link to
 * nowhere fails here, with the file and the reason, before it becomes a habit.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseSource, type Import, type OutsideName, type Source } from './support/source-file.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const longestFileLines = 500; // a build failure; the target is below 300
const longestArchitectureLines = 150; // longer, and nobody reads it

type Layer =
  | 'errors'
  | 'onward-version'
  | 'closest-name'
  | 'config'
  | 'postgres'
  | 'sql'
  | 'catalog'
  | 'operations'
  | 'lint'
  | 'plan'
  | 'run'
  | 'report'
  | 'rule-sdk'
  | 'lint-entry'
  | 'index'
  | 'demo'
  | 'lsp'
  | 'serve'
  | 'cli'
  | 'rules'
  | 'rule';

type Allowed = {
  readonly layers: readonly Layer[];
  /** Layers of which only types may be used. */
  readonly types?: readonly Layer[];
  readonly packages?: readonly string[];
  /** Packages of which only types may be used. */
  readonly typePackages?: readonly string[];
  readonly node?: true;
};

const pure = ['postgres', 'sql', 'catalog', 'operations', 'lint', 'plan'] as const satisfies readonly Layer[];

const openToAll: readonly Layer[] = ['errors', 'closest-name'];

/** What each layer may import besides its own files and `openToAll`. */
const table: Readonly<Record<Layer, Allowed>> = {
  errors: { layers: [] },
  'onward-version': { layers: [] },
  'closest-name': { layers: [], packages: ['fastest-levenshtein'] },
  config: { layers: [], node: true },
  postgres: { layers: [] },
  sql: { layers: ['postgres'], packages: ['libpg-query', 'pgsql-deparser', '@pgsql/types'] },
  catalog: { layers: ['sql', 'postgres'] },
  operations: { layers: ['catalog', 'sql', 'postgres'], typePackages: ['@pgsql/types'] },
  lint: { layers: ['operations', 'catalog', 'sql', 'postgres'] },
  plan: { layers: ['operations', 'catalog', 'sql', 'postgres'] },
  run: { layers: [...pure, 'onward-version'], packages: ['pg', 'pgpass', 'kysely', '@opentelemetry/api'], node: true },
  // It writes SQL for people to read, so it quotes with `sql` and knows the facts of `postgres`; the rest it only shows.
  report: {
    layers: ['sql', 'postgres'],
    types: ['catalog', 'operations', 'lint', 'plan', 'run'],
    packages: ['chalk', 'cli-table3'],
  },
  'rule-sdk': { layers: pure },
  rule: { layers: ['rule-sdk'] },
  rules: { layers: ['rule', 'rule-sdk'] },
  'lint-entry': { layers: [...pure, 'rules', 'rule-sdk', 'report'] },
  index: {
    layers: [...pure, 'run', 'report', 'rules', 'rule-sdk', 'lint-entry', 'config'],
    packages: ['pg', 'kysely'],
    node: true,
  },
  // A program beside the library, with clients of its own that measure the engine from outside.
  demo: { layers: ['index', 'report', 'catalog'], packages: ['pg', 'cli-table3'], node: true },
  lsp: {
    layers: ['index', 'report'],
    packages: ['vscode-languageserver', 'vscode-languageserver-textdocument'],
    node: true,
  },
  serve: { layers: ['index', 'report'], packages: ['prom-client'], node: true },
  cli: {
    layers: ['index', 'report', 'config', 'demo', 'lsp', 'serve', 'onward-version'],
    packages: ['vscode-languageserver', '@clack/prompts', 'commander', 'chalk', 'cli-table3', 'picomatch', 'yaml'],
    node: true,
  },
};

/** The only places where each name that reaches out of pure code may stand. */
const outsidePlaces: Readonly<Record<OutsideName, readonly string[]>> = {
  'Date.now': ['src/run/clock.ts', 'src/cli/'],
  'new Date()': ['src/run/clock.ts', 'src/cli/'],
  'Math.random': ['src/run/clock.ts', 'src/cli/', 'src/demo/'],
  performance: ['src/run/clock.ts', 'src/cli/', 'src/demo/'],
  // A server that really starts is waited for in real time.
  timers: ['src/run/clock.ts', 'src/cli/', 'src/demo/', 'src/run/embedded-server.ts', 'src/run/server-process.ts'],
  process: ['src/run/clock.ts', 'src/cli/'],
  // Which programs to start, and as whom, depends on the machine.
  'process.platform': [
    'src/cli/',
    'src/run/embedded-server.ts',
    'src/run/server-binaries.ts',
    'src/run/server-process.ts',
  ],
  'process.arch': ['src/cli/', 'src/run/server-binaries.ts'],
  'process.getuid': ['src/cli/', 'src/run/embedded-server.ts', 'src/run/server-binaries.ts'],
  'process.exit': [],
  console: ['src/cli/'],
};

const vagueNames = ['utils', 'util', 'helpers', 'helper', 'common', 'lib', 'types', 'interfaces', 'constants'];

function filesUnder(folder: string, keep: (name: string) => boolean): readonly string[] {
  const start = path.join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : filesUnder(file, keep);
    return keep(entry.name) ? [file] : [];
  });
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

function layerOf(file: string): Layer | null {
  const single: Readonly<Record<string, Layer>> = {
    'src/errors.ts': 'errors',
    'src/onward-version.ts': 'onward-version',
    'src/closest-name.ts': 'closest-name',
    'src/config.ts': 'config',
    'src/config-backfill.ts': 'config',
    'src/config-values.ts': 'config',
    'src/rule-sdk.ts': 'rule-sdk',
    'src/lint.ts': 'lint-entry',
    'src/index.ts': 'index',
    'src/backfill-control.ts': 'index',
    'src/administration.ts': 'index',
    'src/adoption.ts': 'index',
    'rules/index.ts': 'rules',
  };
  const one = single[file];
  if (one !== undefined) return one;
  if (/^rules\/[^/]+\/rule\.ts$/.test(file)) return 'rule';
  const folder = /^src\/([^/]+)\//.exec(file)?.[1];
  const folders = [...pure, 'run', 'report', 'demo', 'lsp', 'serve', 'cli'] as const;
  return folders.find((name) => name === folder) ?? null;
}

/** The complaint about one import, or null. */
function complaint(source: Source, { specifier, typeOnly, names }: Import): string | null {
  const layer = layerOf(source.file);
  if (layer === null) return null; // reported by a test of its own
  const allowed = table[layer];
  if (specifier.startsWith('node:')) {
    // A hash is the one thing of Node that is a pure function, and derived names and checksums need it.
    const isHash = specifier === 'node:crypto' && names.every((name) => name === 'createHash');
    return allowed.node === true || isHash ? null : `${layer} may not import ${names.join(', ')} of ${specifier}`;
  }
  // A config file that is a module, and a person's own backfill: their paths come from outside.
  const fromOutside = ['src/cli/config-languages.ts', 'src/cli/backfill/function-file.ts'];
  if (specifier === '<computed>' && fromOutside.includes(source.file)) return null;
  if (!specifier.startsWith('.')) {
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    if (allowed.packages?.includes(name) === true) return null;
    if (allowed.typePackages?.includes(name) === true && typeOnly) return null;
    return `${layer} may not import the package ${specifier}`;
  }
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(source.file), specifier));
  if (target === 'package.json' && layer === 'onward-version') return null;
  if (!target.endsWith('.ts')) return `the import of ${specifier} must end in .ts`;
  const targetLayer = layerOf(target);
  if (targetLayer === null) return `${target} belongs to no layer`;
  if (openToAll.includes(targetLayer)) return null;
  if (targetLayer === layer) return layer === 'rule' ? 'a rule may not import another rule' : null;
  if (allowed.layers.includes(targetLayer)) return null;
  if (allowed.types?.includes(targetLayer) === true) {
    return typeOnly ? null : `${layer} may import only types of ${targetLayer} (${specifier}); write "import type"`;
  }
  return `${layer} may not import ${targetLayer} (${specifier})`;
}

const isTypeScript = (name: string): boolean => name.endsWith('.ts');
const sources = [...filesUnder('src', isTypeScript), ...filesUnder('rules', isTypeScript)].map((file) =>
  parseSource(file, read(file)),
);

describe('layers', () => {
  test('every source file belongs to a layer', () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter(({ file }) => layerOf(file) === null).map(({ file }) => file)).toEqual([]);
  });

  test('every import is one that its layer allows', () => {
    const wrong = sources.flatMap((source) =>
      source.imports.flatMap((one) => {
        const text = complaint(source, one);
        return text === null ? [] : [`${source.file}: ${text}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test('an operation does not know another operation', () => {
    // What several operations share stands in folders of its own.
    const inFolder = sources.filter(({ file }) => path.posix.dirname(file) === 'src/operations');
    const registry = inFolder.find(({ file }) => file === 'src/operations/index.ts');
    // An operation's file is one that the registry imports and that exports its own name: set-not-null.ts, setNotNull.
    const registered = new Set(
      registry?.imports.filter(({ typeOnly }) => !typeOnly).map(({ specifier }) => targetOf(registry, specifier)),
    );
    const operations = new Set(
      inFolder
        .filter((one) => registered.has(one.file) && one.valueExports.includes(camelCase(one.file)))
        .map(({ file }) => file),
    );
    const wrong = inFolder
      .filter(({ file }) => operations.has(file))
      .flatMap((one) =>
        one.imports
          .map(({ specifier }) => targetOf(one, specifier))
          .filter((target) => operations.has(target))
          .map((target) => `${one.file} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  test('time, chance, the process and the console are touched only where the table allows it', () => {
    const wrong = sources.flatMap(({ file, outside }) =>
      outside.flatMap((name) => {
        const places = outsidePlaces[name];
        return places.some((place) => file === place || (place.endsWith('/') && file.startsWith(place)))
          ? []
          : [`${file} uses ${name}; allowed in: ${places.join(', ') || 'nowhere'}`];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  const everyFile = ['src', 'rules', 'test', 'scripts', 'bin'].flatMap((folder) =>
    filesUnder(folder, (name) => name.endsWith('.ts') || name.endsWith('.js')),
  );

  test(`no file is longer than ${longestFileLines} lines`, () => {
    const long = everyFile.flatMap((file) => {
      const lines = lineCount(read(file));
      return lines > longestFileLines ? [`${file}: ${lines} lines; split it by meaning`] : [];
    });
    expect(long).toEqual([]);
  });

  test('no file has a name that says nothing', () => {
    const vague = everyFile.filter((file) => vagueNames.includes(path.basename(file).split('.')[0] ?? ''));
    expect(vague).toEqual([]);
  });

  test('file names are in kebab case', () => {
    const wrong = everyFile.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*$/.test(path.basename(file)));
    expect(wrong).toEqual([]);
  });

  test('nothing switches the type checker off', () => {
    expect(sources.filter(({ hasAny }) => hasAny).map(({ file }) => `${file} uses any`)).toEqual([]);
    const silenced = sources.filter(({ file }) => /@ts-(ignore|expect-error|nocheck)/.test(read(file)));
    expect(silenced.map(({ file }) => file)).toEqual([]);
  });
});

describe('documents', () => {
  const required = ['ARCHITECTURE.md', 'README.md', 'CONTRIBUTING.md', 'SECURITY.md'];
  const documents = [
    ...required.filter((file) => existsSync(path.join(root, file))),
    ...filesUnder('docs', (name) => name.endsWith('.md')),
  ];

  test.each(required)('%s exists', (file) => {
    expect(existsSync(path.join(root, file)), `${file} is missing: write it`).toBe(true);
  });

  test(`ARCHITECTURE.md has at most ${longestArchitectureLines} lines`, () => {
    expect(existsSync(path.join(root, 'ARCHITECTURE.md')), 'ARCHITECTURE.md is missing: write it').toBe(true);
    expect(lineCount(read('ARCHITECTURE.md'))).toBeLessThanOrEqual(longestArchitectureLines);
  });

  test('every file that a document links to exists', () => {
    const broken = documents.flatMap((document) =>
      linksOf(read(document))
        .filter((link) => !existsSync(path.join(root, path.dirname(document), link)))
        .map((link) => `${document} links to ${link}, which does not exist`),
    );
    expect(broken).toEqual([]);
  });
});

function targetOf(source: Source, specifier: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(source.file), specifier));
}

function camelCase(file: string): string {
  return path.basename(file, '.ts').replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function lineCount(text: string): number {
  return text.trimEnd().split('\n').length;
}

/** Targets of Markdown links into the repository, outside of code blocks; addresses and anchors are left out. */
function linksOf(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`(?!\])/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].flatMap(([, link = '']) => {
    const file = link.split('#')[0] ?? '';
    return file === '' || /^[a-z]+:/.test(file) ? [] : [decodeURIComponent(file)];
  });
}
