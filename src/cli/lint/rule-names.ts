/** The names that rules go by in this run: ours, and those of another linter where `--compat` or the config asks for it. */
import { closestName } from '../../closest-name.ts';
import type { RuleLevel } from '../../config.ts';
import { MigrateError } from '../../errors.ts';
import type { OtherLinter, Rule } from '../../index.ts';
import { textFlag, type Call } from '../call.ts';

type Levels = Readonly<Record<string, RuleLevel>>;

export type RuleNames = {
  readonly rules: readonly Rule[];
  readonly compat: OtherLinter | null;
  /** The levels by our ids. Throws for a name that no rule has; `place` is where it stands. */
  readonly ownLevels: (levels: Levels, code: 'BAD_USAGE' | 'BAD_CONFIG', place: string) => Levels;
};

export async function ruleNames(call: Call): Promise<RuleNames> {
  const { linterWith, otherLinters, ownLevels, rules, rulesOfOthers } = await import('../../index.ts');
  const compat = chosenLinter(call, otherLinters);
  const known = new Set([...rules.map(({ id }) => id), ...(compat === null ? [] : Object.keys(rulesOfOthers[compat]))]);
  return {
    rules,
    compat,
    ownLevels(levels, code, place) {
      const unknown = Object.keys(levels).find((name) => !known.has(name));
      if (unknown === undefined) return ownLevels(compat, levels);
      const owner = linterWith(unknown);
      const close = closestName(unknown, [...known]);
      const guess =
        owner !== null
          ? `It is a rule of ${owner}, whose names count with --compat ${owner}. `
          : close === null
            ? ''
            : `Did you mean ${close}? `;
      throw new MigrateError(code, `${place} names a rule that does not exist: ${unknown}.`, {
        hint: `${guess}The list of rules: migrate explain`,
        details: { rule: unknown },
      });
    },
  };
}

function chosenLinter(call: Call, linters: readonly OtherLinter[]): OtherLinter | null {
  const flag = textFlag(call.own, 'compat');
  const wanted = flag ?? call.config.compat;
  if (wanted === null) return null;
  const linter = linters.find((one) => one === wanted);
  if (linter !== undefined) return linter;
  const close = closestName(wanted, linters);
  throw new MigrateError(
    flag === undefined ? 'BAD_CONFIG' : 'BAD_USAGE',
    `There is no linter "${wanted}" among those whose rules are known.`,
    { hint: `${close === null ? '' : `Did you mean ${close}? `}They are: ${linters.join(', ')}.` },
  );
}
