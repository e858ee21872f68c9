/**
 * A map that is edited by making another one, in the order of insertion as every Map, where the two share most of what
 * they hold: a run over thousands of migrations edits a catalog of a thousand tables for each of them.
 *
 * A large one is a map that is never edited again (the ground), with a few entries of its own laid over it. When those
 * have become many, all are copied into a new ground. What is filed under words (`listedUnder`) belongs to a ground and
 * is handed to the next one with the few differences; where an older map is asked after that, it is filed anew.
 */

const smallSize = 32; // entries up to which copying all of them costs no more than sharing them
const mostOwn = 24; // entries: each edit copies the own ones, each so many edits copy all

const gone = Symbol('gone');

type Own<V> = ReadonlyMap<string, V | typeof gone>;

/** The words under which a value is to be found. */
type Listing<V> = (value: V) => readonly string[];

/** The keys that have a word, and where each key stands: what is further behind in the map has the greater number. */
type Filed = { readonly keys: Map<string, Set<string>>; readonly places: Map<string, number>; next: number };

type Ground<V> = { readonly entries: ReadonlyMap<string, V>; readonly filed: Map<Listing<V>, Filed> };

class SharedMap<V> implements ReadonlyMap<string, V> {
  readonly ground: Ground<V>;
  /** In the place of the ground's entries of the same key, or behind them all. */
  readonly own: Own<V>;
  readonly filed = new Map<Listing<V>, Filed>();
  #all: ReadonlyMap<string, V> | null = null;

  constructor(ground: Ground<V>, own: Own<V>) {
    this.ground = ground;
    this.own = own;
  }

  get size(): number {
    let { size } = this.ground.entries;
    for (const [key, value] of this.own) {
      if (value === gone) size -= 1;
      else if (!this.ground.entries.has(key)) size += 1;
    }
    return size;
  }

  get(key: string): V | undefined {
    const own = this.own.get(key);
    if (own === undefined) return this.ground.entries.get(key);
    return own === gone ? undefined : own;
  }

  has(key: string): boolean {
    const own = this.own.get(key);
    return own === undefined ? this.ground.entries.has(key) : own !== gone;
  }

  /** The same as a plain map. */
  all(): ReadonlyMap<string, V> {
    this.#all ??= merged(this.ground.entries, this.own);
    return this.#all;
  }

  entries(): MapIterator<[string, V]> {
    return this.all().entries();
  }

  keys(): MapIterator<string> {
    return this.all().keys();
  }

  values(): MapIterator<V> {
    return this.all().values();
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.all().entries();
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.all()) callback(value, key, this);
  }
}

/** The map with the entry: in the place of the one of that key, else behind the others. */
export function withEntry<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  if (!(map instanceof SharedMap) && map.size < smallSize) return new Map(map).set(key, value);
  const given = shared(map);
  // What was taken away and comes again stands behind the others.
  const { ground, own } = given.own.get(key) === gone ? settled(given) : given;
  return laidOver(ground, new Map(own).set(key, value));
}

/** With many of them, that is. */
export function withEntries<V>(
  map: ReadonlyMap<string, V>,
  entries: readonly (readonly [string, V])[],
): ReadonlyMap<string, V> {
  if (entries.length < mostOwn) return entries.reduce((before, [key, value]) => withEntry(before, key, value), map);
  return new Map([...map, ...entries]);
}

export function withoutEntry<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  if (!map.has(key)) return map;
  const own = new Map(shared(map).own);
  const { ground } = shared(map);
  if (ground.entries.has(key)) own.set(key, gone);
  else own.delete(key);
  return laidOver(ground, own);
}

function shared<V>(map: ReadonlyMap<string, V>): SharedMap<V> {
  return map instanceof SharedMap ? map : new SharedMap({ entries: map, filed: new Map() }, new Map());
}

function laidOver<V>(ground: Ground<V>, own: Own<V>): ReadonlyMap<string, V> {
  const map = new SharedMap(ground, own);
  if (own.size < mostOwn) return map;
  const now = settled(map);
  return now.ground.entries.size < smallSize ? now.ground.entries : now;
}

/** The same with all entries in its ground. */
function settled<V>(map: SharedMap<V>): SharedMap<V> {
  const { ground, own } = map;
  const filed = new Map(ground.filed);
  ground.filed.clear();
  for (const [listing, known] of filed) {
    for (const [key, value] of own) {
      const before = ground.entries.get(key);
      if (before !== undefined) takeOut(known, key, listing(before));
      if (value === gone) known.places.delete(key);
      else file(known, key, listing(value));
    }
  }
  return new SharedMap({ entries: map.all(), filed }, new Map());
}

function merged<V>(ground: ReadonlyMap<string, V>, own: Own<V>): ReadonlyMap<string, V> {
  const all = new Map(ground);
  for (const [key, value] of own) {
    if (value === gone) all.delete(key);
    else all.set(key, value);
  }
  return all;
}

/**
 * The values that the listing files under the word, in the order of the map. Ask with the same listing each time, not
 * with one made for the question.
 *
 * @example
 * ```ts
 * const indexNames = ({ indexes }: Table) => indexes.map(({ name }) => name);
 * const [table] = listedUnder(catalog.tables, indexNames, 'orders_pkey');
 * ```
 */
export function listedUnder<V>(map: ReadonlyMap<string, V>, listing: Listing<V>, word: string): readonly V[] {
  if (!(map instanceof SharedMap)) {
    return map.size === 0 ? [] : [...map.values()].filter((value) => listing(value).includes(word));
  }
  const { ground, own, filed }: SharedMap<V> = map;
  const inGround = filedFor(ground.entries, ground.filed, listing);
  const inOwn = filedFor(own, filed, listing);
  const [below, above] = [inGround.keys.get(word), inOwn.keys.get(word)];
  if (below === undefined && above === undefined) return [];
  const keys = [...[...(below ?? [])].filter((key) => !own.has(key)), ...(above ?? [])];
  const place = (key: string): number => inGround.places.get(key) ?? inGround.next + (inOwn.places.get(key) ?? 0);
  if (keys.length > 1) keys.sort((a, b) => place(a) - place(b));
  return keys.flatMap((key) => map.get(key) ?? []);
}

function filedFor<V>(entries: Own<V>, filed: Map<Listing<V>, Filed>, listing: Listing<V>): Filed {
  const known = filed.get(listing);
  if (known !== undefined) return known;
  const fresh: Filed = { keys: new Map(), places: new Map(), next: 0 };
  for (const [key, value] of entries) if (value !== gone) file(fresh, key, listing(value));
  filed.set(listing, fresh);
  return fresh;
}

function file(into: Filed, key: string, words: readonly string[]): void {
  if (!into.places.has(key)) {
    into.places.set(key, into.next);
    into.next += 1;
  }
  for (const word of words) {
    const keys = into.keys.get(word);
    if (keys === undefined) into.keys.set(word, new Set([key]));
    else keys.add(key);
  }
}

function takeOut(from: Filed, key: string, words: readonly string[]): void {
  for (const word of words) {
    const keys = from.keys.get(word);
    keys?.delete(key);
    if (keys?.size === 0) from.keys.delete(word);
  }
}
