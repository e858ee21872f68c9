/** A shared map is a Map: whatever is done to it, in whatever order, and to whichever of its versions. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listedUnder, withEntries, withEntry, withoutEntry } from '../../src/catalog/shared-map.ts';

type Value = { readonly words: readonly string[] };
type Edit =
  | { readonly kind: 'put'; readonly key: string; readonly value: Value }
  | { readonly kind: 'take'; readonly key: string }
  | { readonly kind: 'putMany'; readonly entries: readonly (readonly [string, Value])[] }
  | { readonly kind: 'goBack'; readonly versions: number };

const wordsOf = ({ words }: Value): readonly string[] => words;

const word = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.record({ words: fc.uniqueArray(word, { maxLength: 2 }) });
const key = fc.nat(90).map(String);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('put' as const), key, value }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('putMany' as const),
      entries: fc.array(fc.tuple(key, value), { maxLength: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('goBack' as const), versions: fc.nat(20) }) },
);

function edited(map: ReadonlyMap<string, Value>, one: Exclude<Edit, { kind: 'goBack' }>): ReadonlyMap<string, Value> {
  if (one.kind === 'put') return withEntry(map, one.key, one.value);
  return one.kind === 'take' ? withoutEntry(map, one.key) : withEntries(map, one.entries);
}

function editedPlainly(map: ReadonlyMap<string, Value>, one: Exclude<Edit, { kind: 'goBack' }>): Map<string, Value> {
  const copy = new Map(map);
  if (one.kind === 'take') copy.delete(one.key);
  else for (const [k, v] of one.kind === 'put' ? [[one.key, one.value] as const] : one.entries) copy.set(k, v);
  return copy;
}

type Version = { readonly shared: ReadonlyMap<string, Value>; readonly plain: ReadonlyMap<string, Value> };

const keys = Array.from({ length: 91 }, (_, n) => String(n));

/** Everything that a map answers; values are told apart by their identity in `all`. */
function answers(map: ReadonlyMap<string, Value>, all: Map<Value | undefined, number>): string {
  const id = (one: Value | undefined): number => {
    if (!all.has(one)) all.set(one, all.size);
    return all.get(one) ?? -1;
  };
  const entries = [...map].map(([k, v]) => `${k}=${id(v)}`);
  return [map.size, ...entries, ...keys.map((k) => `${map.has(k)} ${id(map.get(k))}`)].join();
}

function listedAlike({ shared, plain }: Version): boolean {
  return ['a', 'b', 'c', 'd'].every((each) => {
    const wanted = [...plain.values()].filter(({ words }) => words.includes(each));
    const found = listedUnder(shared, wordsOf, each);
    return found.length === wanted.length && found.every((one, index) => one === wanted[index]);
  });
}

test('it holds what a Map holds after the same edits, in the same order, and its older versions stay as they were', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 60, maxLength: 160 }), (edits) => {
      const versions: Version[] = [{ shared: new Map(), plain: new Map() }];
      const unlike: Version[] = [];
      for (const one of edits) {
        const last = versions.at(one.kind === 'goBack' ? -1 - Math.min(one.versions, versions.length - 1) : -1);
        if (last === undefined) throw new Error('no version');
        if (one.kind === 'goBack') versions.push(last);
        else versions.push({ shared: edited(last.shared, one), plain: editedPlainly(last.plain, one) });
        const now = versions.at(-1);
        if (now !== undefined && !listedAlike(now)) unlike.push(now);
      }
      const ids = new Map<Value | undefined, number>();
      for (const [index, version] of versions.entries()) {
        if (answers(version.shared, ids) !== answers(version.plain, ids)) unlike.push(version);
        if (index % 10 === 0 && !listedAlike(version)) unlike.push(version);
      }
      expect(unlike).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test('taking away what is not there gives the very same map', () => {
  const map: ReadonlyMap<string, Value> = new Map([['1', { words: [] }]]);
  expect(withoutEntry(map, '2')).toBe(map);
});
