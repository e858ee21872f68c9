/**
 * What commander says about wrong arguments, as an error of ours: full sentences, and a hint that names the verb's help.
 */
import type { CommanderError } from 'commander';
import { MigrateError } from '../errors.ts';

export function usageError(error: CommanderError): MigrateError {
  const [first = '', ...rest] = error.message
    .replace(/^error: /, '')
    .replace(/^unknown command/, 'unknown verb')
    .split('\n');
  const suggestion = rest.join(' ').replace(/^\(|\)$/g, '');
  const sentence = first.charAt(0).toUpperCase() + first.slice(1);
  return new MigrateError('BAD_USAGE', sentence.replace(/[.?]?$/, '.'), {
    hint: suggestion === '' ? 'Every verb explains itself: migrate <verb> --help' : suggestion,
  });
}
