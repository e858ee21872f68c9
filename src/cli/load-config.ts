/**
 * Finds the config file: the one that `--config` names, else `onward.config.json` (or `.yaml`, `.yml`, `.ts`, `.mjs`) in the
 * working directory, else the key "onward" in its package.json. Two of them at once are an error: nobody could say which
 * one counts.
 */
import path from 'node:path';
import { resolveConfig, type Config, type ConfigText } from '../config.ts';
import { MigrateError } from '../errors.ts';
import type { GlobalFlags } from './call.ts';
import { readIfThere } from './read-if-there.ts';
import type { Terminal } from './terminal.ts';

/** What `migrate init` writes: of the languages that have comments, the one that everybody reads. */
export const newConfigFile = 'onward.config.yaml';

export const configFileNames = ['json', 'yaml', 'yml', 'ts', 'mjs'].map((ending) => `onward.config.${ending}`);

export async function loadConfig(flags: GlobalFlags, terminal: Terminal): Promise<Config> {
  const file = await findConfig(flags);
  const config = resolveConfig(file, {
    dir: flags.dir,
    role: flags.role,
    databaseUrl: flags.databaseUrl ?? nonEmpty(terminal.env['DATABASE_URL']),
  });
  // A folder in a config file is meant from where the file is; one on the command line from where the person is.
  const base = file === null ? '' : path.dirname(file.file);
  return {
    ...config,
    dir: flags.dir === undefined ? path.join(base, config.dir) : config.dir,
    overrides: config.overrides.map((one) => ({ ...one, files: one.files.map((glob) => path.posix.join(base, glob)) })),
    baseline: config.baseline === null ? null : path.join(base, config.baseline),
    values: { ...config.values, ...flags.set?.values },
  };
}

async function findConfig(flags: GlobalFlags): Promise<ConfigText | null> {
  if (flags.config !== undefined) {
    const text = await readIfThere(flags.config, 'config file');
    if (text === null) {
      throw new MigrateError('BAD_CONFIG', `There is no config file ${flags.config}.`, {
        hint: 'Correct the path after --config, or make one: migrate init',
      });
    }
    const within = path.basename(flags.config) === 'package.json' ? 'onward' : null;
    return inItsLanguage({ file: flags.config, text, within });
  }
  const manifest = await readIfThere('package.json', 'config file');
  const texts = await Promise.all(
    configFileNames.map(async (file) => ({ file, text: await readIfThere(file, 'config file') })),
  );
  const found: readonly ConfigText[] = [
    ...texts.flatMap(({ file, text }) => (text === null ? [] : [{ file, text, within: null }])),
    ...(manifest !== null && hasOnwardKey(manifest)
      ? [{ file: 'package.json', text: manifest, within: 'onward' }]
      : []),
  ];
  const [first, second] = found;
  if (first === undefined) return null;
  if (second === undefined) return inItsLanguage(first);
  const other = second.within === null ? second.file : `${second.file} ("${second.within}")`;
  throw new MigrateError('BAD_CONFIG', `Both ${first.file} and ${other} hold settings.`, {
    hint: 'Keep them in one place.',
  });
}

/** JSON is read where the settings are checked; the parser of another language is loaded only for a file of it. */
async function inItsLanguage(source: ConfigText): Promise<ConfigText> {
  const ending = path.extname(source.file).toLowerCase();
  if (['.yaml', '.yml'].includes(ending)) return (await import('./config-languages.ts')).fromYaml(source);
  if (['.ts', '.mts', '.mjs', '.js'].includes(ending))
    return (await import('./config-languages.ts')).fromModule(source);
  return source;
}

/** A package.json that does not parse is npm's to complain about. */
function hasOnwardKey(text: string): boolean {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null && 'onward' in content;
  } catch {
    return false;
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
