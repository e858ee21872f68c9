/**
 * Finds the config file: the one that `--config` names, else `onward.config.json` in the working directory, else the
 * key "onward" in its package.json. Two of them at once are an error: nobody could say which one counts.
 */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { resolveConfig, type Config, type ConfigText } from '../config.ts';
import { MigrateError } from '../errors.ts';
import type { GlobalFlags } from './call.ts';
import type { Terminal } from './terminal.ts';

export const configFileName = 'onward.config.json';

export async function loadConfig(flags: GlobalFlags, terminal: Terminal): Promise<Config> {
  const file = await findConfig(flags);
  const config = resolveConfig(file, {
    dir: flags.dir,
    databaseUrl: flags.databaseUrl ?? nonEmpty(terminal.env['DATABASE_URL']),
  });
  // A folder in a config file is meant from where the file is; one on the command line from where the person is.
  const base = file === null ? '' : path.dirname(file.file);
  return {
    ...config,
    dir: flags.dir === undefined ? path.join(base, config.dir) : config.dir,
    baseline: config.baseline === null ? null : path.join(base, config.baseline),
    values: { ...config.values, ...flags.set?.values },
  };
}

async function findConfig(flags: GlobalFlags): Promise<ConfigText | null> {
  if (flags.config !== undefined) {
    const text = await readIfThere(flags.config);
    if (text === null) {
      throw new MigrateError('BAD_CONFIG', `There is no config file ${flags.config}.`, {
        hint: 'Correct the path after --config, or make one: migrate init',
      });
    }
    const within = path.basename(flags.config) === 'package.json' ? 'onward' : null;
    return { file: flags.config, text, within };
  }
  const own = await readIfThere(configFileName);
  const manifest = await readIfThere('package.json');
  const inManifest = manifest !== null && hasOnwardKey(manifest);
  if (own !== null && inManifest) {
    throw new MigrateError('BAD_CONFIG', `Both ${configFileName} and package.json ("onward") hold settings.`, {
      hint: 'Keep them in one place.',
    });
  }
  if (own !== null) return { file: configFileName, text: own, within: null };
  return inManifest ? { file: 'package.json', text: manifest, within: 'onward' } : null;
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

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new MigrateError('BAD_CONFIG', `The config file ${file} cannot be read.`, {
      hint: 'Check that it is a file and that this user may read it.',
      cause,
    });
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
