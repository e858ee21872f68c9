/** What the config says to every run of the linter, from the command line and in an editor alike. */
import type { Config } from '../../config.ts';
import type { LintInput } from '../../index.ts';

export function configuredOptions({
  pgVersion,
  timeouts,
}: Pick<Config, 'pgVersion' | 'timeouts'>): Pick<LintInput, 'version' | 'timeouts'> {
  return {
    ...(pgVersion === null ? {} : { version: pgVersion }),
    ...(timeouts === null ? {} : { timeouts }),
  };
}
