/**
 * Which rules are on, and how severe each is: the config, then what the command line says. A rule that does not exist is
 * refused wherever it is named, because a misspelt `off` would be found out only when the rule fires.
 */
import { ruleLevels as levels, type RuleLevel as Level } from '../../config.ts';
import { MigrateError } from '../../errors.ts';
import type { Rule, RuleSelection } from '../../index.ts';
import type { Call } from '../call.ts';
import type { RuleNames } from './rule-names.ts';

export type RuleLevels = {
  readonly set: RuleSelection;
  readonly severities: Readonly<Record<string, Level>>;
};

/** `--rule id=level`; the last one of a rule counts. */
export function ruleFlag(given: string, before: unknown): Readonly<Record<string, Level>> {
  const [, id = '', level] = /^([^=\s]+)=(\S+)$/.exec(given) ?? [];
  const known = levels.find((candidate) => candidate === level);
  if (known === undefined) {
    throw new MigrateError('BAD_USAGE', `--rule takes a rule and its level, not "${given}".`, {
      hint: 'Write it like this: --rule no-cascade=warning\nThe levels are off, info, warning and error.',
    });
  }
  return { ...levelsIn(before), [id]: known };
}

/** What `ruleFlag` made; nothing when the option was not given. */
function levelsIn(value: unknown): Readonly<Record<string, Level>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([id, level]) => {
      const known = levels.find((candidate) => candidate === level);
      return known === undefined ? [] : [[id, known] as const];
    }),
  );
}

export function ruleLevels(call: Call, names: RuleNames): RuleLevels {
  const flags = names.ownLevels(levelsIn(call.own['rule']), 'BAD_USAGE', '--rule');
  const configured = names.ownLevels(call.config.rules, 'BAD_CONFIG', 'The config ("rules")');
  return {
    set: call.flags.set?.ruleSet ?? call.config.ruleSet,
    severities: { ...configured, ...flags },
  };
}

export function withLevels({ set, severities }: RuleLevels, own: RuleLevels['severities']): RuleLevels {
  return { set, severities: { ...severities, ...own } };
}

/** True when the run would report what the rule finds. */
export function isOn({ set, severities }: RuleLevels, rules: readonly Rule[], id: string): boolean {
  const level = severities[id];
  if (level !== undefined) return level !== 'off';
  return rules.some((rule) => rule.id === id && (set !== 'recommended' || rule.set === 'recommended'));
}
