/**
 * What distinguishes two catalogs, and a fingerprint that is equal exactly when nothing does.
 *
 * Guarantee: `diffCatalogs(a, b)` is empty if and only if `fingerprint(a) === fingerprint(b)`, for an empty list of
 * exceptions. Both are made from the same facts (`facts.ts` says what counts).
 */

import { createHash } from 'node:crypto';
import type { Fact } from './fact.ts';
import { catalogFacts } from './facts.ts';
import type { Catalog } from './model.ts';

/** One fact that differs. An object that only one catalog has is one difference, whatever there is to say about it. */
export type Difference = {
  readonly kind: 'missing' | 'unexpected' | 'changed';
  /** From the outside in: `table public.users column email default`. */
  readonly path: string;
  readonly expected: string | null;
  readonly actual: string | null;
};

export type DiffOptions = {
  /** Differences to pass over, for instance of objects that a runner has put there for the time of a migration. */
  readonly except?: (difference: Difference) => boolean;
};

/** In the order of the paths; empty when the two describe the same schema. */
export function diffCatalogs(expected: Catalog, actual: Catalog, options: DiffOptions = {}): readonly Difference[] {
  const found: Difference[] = [];
  compare([], catalogFacts(expected), catalogFacts(actual), found);
  const { except } = options;
  return except === undefined ? found : found.filter((difference) => !except(difference));
}

/** One line for a person. */
export function describeDifference({ kind, path, expected, actual }: Difference): string {
  switch (kind) {
    case 'missing':
      return `${path} is missing (expected: ${oneLine(expected)})`;
    case 'unexpected':
      return `${path} is not expected (found: ${oneLine(actual)})`;
    case 'changed':
      return `${path}: expected ${oneLine(expected)}, found ${oneLine(actual)}`;
  }
}

/** SHA-256 of all facts, in hex. Equal for equal schemas, also when columns stand in another order. */
export function fingerprint(catalog: Catalog): string {
  const hash = createHash('sha256');
  feed(catalogFacts(catalog), (piece) => hash.update(piece));
  return hash.digest('hex');
}

function compare(path: readonly string[], expected: Fact, actual: Fact, found: Difference[]): void {
  const labels = new Set([...expected.parts.keys(), ...actual.parts.keys()]);
  if (labels.size === 0) {
    if (expected.value !== actual.value) found.push(difference('changed', path, expected, actual));
    return;
  }
  for (const label of [...labels].toSorted()) {
    const left = expected.parts.get(label);
    const right = actual.parts.get(label);
    const at = [...path, label];
    if (left === undefined) found.push(difference('unexpected', at, undefined, right));
    else if (right === undefined) found.push(difference('missing', at, left, undefined));
    else compare(at, left, right, found);
  }
}

function difference(kind: Difference['kind'], path: readonly string[], left?: Fact, right?: Fact): Difference {
  return { kind, path: path.join(' '), expected: left?.value ?? null, actual: right?.value ?? null };
}

/** Facts that all objects share are read only through `parts`: the value of an object is a summary of them. */
function feed(fact: Fact, write: (piece: string) => void): void {
  if (fact.parts.size === 0) {
    write(JSON.stringify(fact.value));
    return;
  }
  write('{');
  for (const [label, part] of [...fact.parts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    write(`${JSON.stringify(label)}:`);
    feed(part, write);
  }
  write('}');
}

const longestShown = 200; // characters; a function's body would hide the other differences

function oneLine(value: string | null): string {
  if (value === null) return 'none';
  const line = value.replaceAll(/\s+/g, ' ');
  return line.length > longestShown ? `${line.slice(0, longestShown)}…` : line;
}
