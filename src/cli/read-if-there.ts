/** A file that need not exist. One that exists and cannot be read is an error: it would be passed over in silence. */
import * as fs from 'node:fs/promises';
import { MigrateError } from '../errors.ts';

/** Null when there is none. `what` is for the message: `config file`. Throws BAD_CONFIG. */
export async function readIfThere(file: string, what: string): Promise<string | null> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new MigrateError('BAD_CONFIG', `The ${what} ${file} cannot be read.`, {
      hint: 'Check that it is a file and that this user may read it.',
      cause,
    });
  }
}
