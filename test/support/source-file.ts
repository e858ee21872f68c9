/**
 * What the architecture test needs to know about one source file: its imports, its exports, and what it uses of the
 * world outside. Read with a real parser (oxc), so that comments, strings and templates cannot mislead.
 */
import { parseSync, Visitor } from 'oxc-parser';

/** Names that reach out of pure code. `process` stands for everything of it that has no line of its own. */
export type OutsideName =
  | 'Date.now'
  | 'new Date()'
  | 'Math.random'
  | 'performance'
  | 'timers'
  | 'process'
  | 'process.platform'
  | 'process.arch'
  | 'process.getuid'
  | 'process.exit'
  | 'console';

const outsideMembers: readonly OutsideName[] = [
  'Date.now',
  'Math.random',
  'process.platform',
  'process.arch',
  'process.getuid',
  'process.exit',
];

const outsideGlobals: ReadonlyMap<string, OutsideName> = new Map([
  ['setTimeout', 'timers'],
  ['setInterval', 'timers'],
  ['setImmediate', 'timers'],
  ['performance', 'performance'],
  ['process', 'process'],
  ['console', 'console'],
]);

const outsideModules: ReadonlyMap<string, OutsideName> = new Map([
  ['node:timers', 'timers'],
  ['node:timers/promises', 'timers'],
  ['node:perf_hooks', 'performance'],
  ['node:process', 'process'],
  ['node:console', 'console'],
]);

export type Import = {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** What is taken from there, by its name there; `*` for everything. */
  readonly names: readonly string[];
};

export type Source = {
  readonly file: string;
  readonly imports: readonly Import[];
  readonly outside: readonly OutsideName[];
  readonly hasAny: boolean;
  readonly valueExports: readonly string[];
};

export function parseSource(file: string, text: string): Source {
  const { program, module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`);

  const imports: Import[] = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    // `import type {…}` and `import { type … }` vanish at run time; `import '…'` has no entries and does not.
    typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
    names: entries.map(({ importName }) => importName.name ?? '*'),
  }));
  for (const { moduleRequest, isType } of module.staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest !== null) imports.push({ specifier: moduleRequest.value, typeOnly: isType, names: ['*'] });
  }

  const outside = new Set<OutsideName>();
  const usedGlobals = new Set<string>();
  const declared = new Set<string>();
  const notValues = new Set<unknown>(); // identifiers that only name a property; parents are visited before them
  let hasAny = false;
  const skipKey = (node: { readonly computed: boolean; readonly key: unknown }): void => {
    if (!node.computed) notValues.add(node.key);
  };
  new Visitor({
    MemberExpression({ object, property, computed }) {
      if (computed || property.type !== 'Identifier' || object.type !== 'Identifier') {
        if (!computed) notValues.add(property);
        return;
      }
      if (object.name === 'globalThis') return; // globalThis.console is console
      notValues.add(property);
      const member = outsideMembers.find((name) => name === `${object.name}.${property.name}`);
      if (member !== undefined) {
        outside.add(member);
        notValues.add(object); // judged by its own line of the table
      }
    },
    NewExpression({ callee, arguments: parameters }) {
      if (callee.type === 'Identifier' && callee.name === 'Date' && parameters.length === 0) outside.add('new Date()');
    },
    ImportExpression({ source }) {
      const specifier = source.type === 'Literal' ? String(source.value) : '<computed>';
      imports.push({ specifier, typeOnly: false, names: ['*'] });
    },
    TSImportType({ source }) {
      imports.push({ specifier: String(source.value), typeOnly: true, names: ['*'] });
    },
    TSAnyKeyword() {
      hasAny = true;
    },
    Property(node) {
      if (!node.shorthand) skipKey(node);
    },
    PropertyDefinition: skipKey,
    MethodDefinition: skipKey,
    TSPropertySignature: skipKey,
    TSMethodSignature: skipKey,
    ImportSpecifier({ local, imported }) {
      declared.add(local.name);
      notValues.add(imported);
    },
    VariableDeclarator({ id }) {
      if (id.type === 'Identifier') declared.add(id.name);
    },
    Identifier(node) {
      if (!notValues.has(node)) usedGlobals.add(node.name);
    },
  }).visit(program);

  for (const [name, meaning] of outsideGlobals) {
    if (usedGlobals.has(name) && !declared.has(name)) outside.add(meaning);
  }
  for (const { specifier } of imports) {
    const meaning = outsideModules.get(specifier);
    if (meaning !== undefined) outside.add(meaning);
  }
  const valueExports = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ isType, exportName }) => (isType || exportName.name === null ? [] : [exportName.name])),
  );
  return { file, imports, outside: [...outside], hasAny, valueExports };
}
