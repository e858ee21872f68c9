/**
 * Copies of lists and maps that share what did not change: an edit that changes nothing gives back the very same object,
 * so that "did this change anything" is one comparison.
 */
import { withEntries } from './shared-map.ts';

export function putNamed<T extends { readonly name: string }>(list: readonly T[], item: T): readonly T[] {
  return list.some(({ name }) => name === item.name)
    ? list.map((old) => (old.name === item.name ? item : old))
    : [...list, item];
}

export function withoutNamed<T extends { readonly name: string }>(list: readonly T[], name: string): readonly T[] {
  return list.some((item) => item.name === name) ? list.filter((item) => item.name !== name) : list;
}

/** Like map, but the very same array when nothing changed. */
export function mapArray<T>(list: readonly T[], change: (item: T) => T): readonly T[] {
  let changed = false;
  const result = list.map((item) => {
    const after = change(item);
    changed ||= after !== item;
    return after;
  });
  return changed ? result : list;
}

/** Like `mapArray`, for the values of a map. */
export function mapValues<V>(map: ReadonlyMap<string, V>, change: (value: V) => V): ReadonlyMap<string, V> {
  const changed: [string, V][] = [];
  for (const [key, value] of map) {
    const after = change(value);
    if (after !== value) changed.push([key, after]);
  }
  return withEntries(map, changed);
}
