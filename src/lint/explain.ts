/** What a rule is about, in full: its README. */
import { closestName } from '../closest-name.ts';
import { MigrateError } from '../errors.ts';

/** The text about a rule. `readmes` holds the READMEs by rule id. */
export function explainRule(id: string, readmes: ReadonlyMap<string, string>): string {
  const text = readmes.get(id);
  if (text !== undefined) return text;
  const known = [...readmes.keys()].toSorted();
  const close = closestName(id, known);
  throw new MigrateError('BAD_USAGE', `There is no rule "${id}".`, {
    hint: `${close === null ? '' : `Did you mean ${close}? `}The rules are:\n  ${known.join('\n  ')}`,
    details: { rule: id },
  });
}
