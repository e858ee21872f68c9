/** What a rule is about, in full: its README. */
import { closestName } from '../closest-name.ts';
import { MigrateError } from '../errors.ts';
import { linterWith, ownRules } from './compat/counterparts.ts';
import { rulesOfOthers } from './compat/rule-names.ts';

/** The text about a rule. `readmes` holds the READMEs by rule id. */
export function explainRule(id: string, readmes: ReadonlyMap<string, string>): string {
  const text = readmes.get(id);
  if (text !== undefined) return text;
  const known = [...readmes.keys()].toSorted();
  const owner = linterWith(id);
  if (owner !== null) {
    const own = ownRules(owner, id) ?? [];
    const reason = String(rulesOfOthers[owner][id]);
    throw new MigrateError('BAD_USAGE', `"${id}" is a rule of ${owner}, and not one of ours.`, {
      hint:
        own.length === 0
          ? `There is none in its place: ${reason}.`
          : `What it is about: ${own.map((rule) => `migrate explain ${rule}`).join('\n')}`,
      details: { rule: id },
    });
  }
  const close = closestName(id, known);
  throw new MigrateError('BAD_USAGE', `There is no rule "${id}".`, {
    hint: `${close === null ? '' : `Did you mean ${close}? `}The rules are:\n  ${known.join('\n  ')}`,
    details: { rule: id },
  });
}
