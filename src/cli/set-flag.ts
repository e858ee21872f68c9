/**
 * Reads `--set`, which has two meanings that cannot be mixed up: `--set name=value` fills in a placeholder of the
 * migrations (repeat for more), and `migrate lint --set strict` chooses the set of rules.
 */
import { ruleSets, type RuleSet } from '../config.ts';
import { MigrateError } from '../errors.ts';

export type SetFlag = {
  readonly values: Readonly<Record<string, string>>;
  readonly ruleSet: RuleSet | null;
};

export function setFlag(given: string, before: SetFlag = { values: {}, ruleSet: null }): SetFlag {
  const ruleSet = ruleSets.find((name) => name === given);
  if (ruleSet !== undefined) return { ...before, ruleSet };
  const [, name, value] = /^([^=\s]+)=([^\r\n]*)$/.exec(given) ?? [];
  if (name !== undefined && value !== undefined) return { ...before, values: { ...before.values, [name]: value } };
  throw new MigrateError('BAD_USAGE', `--set takes a name and a value of one line, not "${given}".`, {
    hint: `Write it like this: --set namespace=shop\nOr, for the rules of "migrate lint", one of: ${ruleSets.join(', ')}`,
  });
}

/** The set of rules is for the linter alone. */
export function refuseRuleSet(verb: string, flag: SetFlag | undefined): void {
  if (verb === 'lint' || flag === undefined || flag.ruleSet === null) return;
  throw new MigrateError('BAD_USAGE', `"migrate ${verb}" has no rules, so --set ${flag.ruleSet} means nothing to it.`, {
    hint: 'Write --set name=value for a placeholder of the migrations.',
  });
}
