/** Which rules look at a kind of change, and which at the words of a statement: asked for each of them, answered once. */
import type { ChangeKind } from '../operations/change.ts';
import type { Rule } from './rule.ts';

type Sorted = { readonly byKind: Map<ChangeKind, readonly Rule[]>; readonly ofStatements: readonly Rule[] };

const sorted = new WeakMap<readonly Rule[], Sorted>();

/** In the order of the list, which must not be changed any more. */
export function rulesOfKind(rules: readonly Rule[], kind: ChangeKind): readonly Rule[] {
  const { byKind } = sortedRules(rules);
  const known = byKind.get(kind) ?? rules.filter((rule) => rule.kinds.includes(kind));
  byKind.set(kind, known);
  return known;
}

export function rulesOfStatements(rules: readonly Rule[]): readonly Rule[] {
  return sortedRules(rules).ofStatements;
}

function sortedRules(rules: readonly Rule[]): Sorted {
  const known = sorted.get(rules) ?? {
    byKind: new Map<ChangeKind, readonly Rule[]>(),
    ofStatements: rules.filter(({ checkStatement }) => checkStatement !== undefined),
  };
  sorted.set(rules, known);
  return known;
}
