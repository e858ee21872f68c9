/**
 * The environment of one call: that of the process, and below it what a file of `NAME=value` lines says: `.env` in the
 * working directory, or the one that `--env` names. What the process has wins, so that a deploy pipeline's own
 * DATABASE_URL is never replaced by a file that lies about.
 */
import { parseEnv } from 'node:util';
import { MigrateError } from '../errors.ts';
import { readIfThere } from './read-if-there.ts';
import type { Terminal } from './terminal.ts';

const usualFile = '.env';

export async function loadEnv(given: string | undefined, env: Terminal['env']): Promise<Terminal['env']> {
  const text = await readIfThere(given ?? usualFile, 'environment file');
  if (text === null) {
    if (given === undefined) return env;
    throw new MigrateError('BAD_USAGE', `There is no environment file ${given}.`, {
      hint: 'Correct the path after --env. Without the flag, .env is read where there is one.',
    });
  }
  const own = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  return { ...parseEnv(text), ...own };
}
