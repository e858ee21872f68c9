/** Reads `--set name=value`, which may be given several times. */
import { MigrateError } from '../errors.ts';

export function templateValue(
  given: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=\s]+)=([^\r\n]*)$/.exec(given) ?? [];
  if (name !== undefined && value !== undefined) return { ...before, [name]: value };
  throw new MigrateError('BAD_USAGE', `--set takes a name and a value of one line, not "${given}".`, {
    hint: 'Write it like this: --set namespace=shop',
  });
}
