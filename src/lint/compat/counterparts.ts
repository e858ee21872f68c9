/** From the name that another linter gives a rule to our rules, and back. */
import { otherLinters, rulesOfOthers, type OtherLinter } from './rule-names.ts';

/** Our rules that say what theirs says; none for a rule without counterpart, null for a name that they do not have. */
export function ownRules(linter: OtherLinter, name: string): readonly string[] | null {
  const rules = rulesOfOthers[linter];
  const found = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (found === undefined) return null;
  return typeof found === 'string' ? [] : found;
}

/** What the other linter calls the rule; several where it tells cases apart that are one to us. */
export function otherNames(linter: OtherLinter, rule: string): readonly string[] {
  return Object.entries(rulesOfOthers[linter]).flatMap(([name, ours]) =>
    typeof ours !== 'string' && ours.includes(rule) ? [name] : [],
  );
}

export function namesOf(linter: OtherLinter): readonly string[] {
  return Object.keys(rulesOfOthers[linter]);
}

/** A linter that has a rule of this name, for whoever writes it without saying whose it is. */
export function linterWith(name: string): OtherLinter | null {
  return otherLinters.find((linter) => Object.hasOwn(rulesOfOthers[linter], name)) ?? null;
}

/** Levels by our ids, from levels by our ids or theirs. What is said of a rule by our id wins. */
export function ownLevels<L>(linter: OtherLinter | null, levels: Readonly<Record<string, L>>): Record<string, L> {
  const meant = Object.entries(levels).map(
    ([name, level]) => ({ level, own: linter === null ? null : ownRules(linter, name), name }) as const,
  );
  return Object.fromEntries([
    ...meant.flatMap(({ own, level }) => (own ?? []).map((rule) => [rule, level] as const)),
    ...meant.flatMap(({ own, name, level }) => (own === null ? [[name, level] as const] : [])),
  ]);
}
