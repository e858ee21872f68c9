/**
 * Config files that are not JSON: YAML, with the places of its keys for messages, and modules, of which the default export
 * is the config. Loaded only when there is such a file.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { ConfigText } from '../config.ts';
import { MigrateError } from '../errors.ts';

export function fromYaml(source: ConfigText): ConfigText {
  const lines = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new MigrateError('BAD_CONFIG', `${source.file}:${line}:${col}: this is not valid YAML: ${error.message}`, {
      hint: 'Usual reasons are tabs, a missing blank behind a colon, and a value that needs quotes.',
      details: { file: source.file, line, column: col },
    });
  }
  const value: unknown = document.toJS() ?? {}; // an empty file has no settings
  return { ...source, read: { value, positionOf: (keys) => keyPosition(document.contents, keys, lines) } };
}

function keyPosition(
  contents: unknown,
  keys: readonly string[],
  lines: LineCounter,
): { readonly line: number; readonly column: number } | null {
  let node = contents;
  let found: number | null = null;
  for (const key of keys) {
    if (!isMap(node)) return null;
    const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
    if (pair === undefined || !isScalar(pair.key)) return null;
    found = pair.key.range?.[0] ?? null;
    node = pair.value;
  }
  if (found === null) return null;
  const { line, col } = lines.linePos(found);
  return { line, column: col };
}

export async function fromModule(source: ConfigText): Promise<ConfigText> {
  const loaded = await load(source.file);
  const value = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined;
  if (value === undefined) {
    throw new MigrateError('BAD_CONFIG', `${source.file} exports no config.`, {
      hint: "Write: export default { dir: 'migrations' };",
      details: { file: source.file },
    });
  }
  return { ...source, read: { value, positionOf: () => null } };
}

async function load(file: string): Promise<unknown> {
  if (/\.m?ts$/i.test(file) && !takesTypeScript()) {
    throw new MigrateError('BAD_CONFIG', `Node ${process.version} cannot read ${file}: it takes no TypeScript.`, {
      hint: 'Use Node 22.18 or later, or call the file onward.config.mjs and write it in JavaScript.',
      details: { file },
    });
  }
  try {
    return await import(pathToFileURL(path.resolve(file)).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrateError('BAD_CONFIG', `${file} cannot be loaded: ${reason.replace(/\.$/, '')}.`, {
      hint: 'It is loaded as a module of JavaScript; what it throws and what it cannot import ends here.',
      details: { file },
      cause,
    });
  }
}

/** `strip` or `transform` where Node takes the types out of a file itself. */
function takesTypeScript(): boolean {
  const features: object = process.features;
  return 'typescript' in features && typeof features.typescript === 'string';
}
