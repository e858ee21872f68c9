/**
 * The names Postgres gives to what a statement leaves unnamed: indexes, constraints, sequences.
 *
 * Guarantee: the same name as the server's, byte for byte, as long as `isTaken` answers as the server's catalog would:
 * for indexes and sequences "a relation of that name in the table's schema" (for a key's or exclusion's index also "a
 * constraint of that name in the schema"), for other constraints "a constraint of that name in the schema".
 *
 * Source: makeObjectName, ChooseRelationName, ChooseIndexName, ChooseIndexNameAddition and ChooseIndexColumnNames in
 * src/backend/commands/indexcmds.c; ChooseConstraintName in src/backend/catalog/pg_constraint.c; the same in 14–18. A
 * server's encoding is taken to be UTF-8. test/postgres/names.server.test.ts compares with a real server.
 */

/** NAMEDATALEN - 1: what fits into a name, in bytes. */
const maxNameBytes = 63;

const isAscii = /^\p{ASCII}*$/u;

/** What ends each kind of name. `not_null` since Postgres 18, where NOT NULL has a name. */
export type NameLabel = 'pkey' | 'key' | 'excl' | 'idx' | 'fkey' | 'check' | 'not_null' | 'seq' | 'stat';

export interface NameParts {
  /** The table, index or domain that the name begins with. */
  readonly table: string;
  /**
   * The columns in the order of the definition, with those of INCLUDE: `t_a_b_idx`. None for a primary key, and for a
   * CHECK that mentions several columns or none. For an index, what `indexColumnNames` made of its elements.
   */
  readonly columns?: readonly string[];
  readonly label: NameLabel;
}

/** The name the server chooses: the plain one, or the first one free with a number behind the label. */
export function chooseName({ table, columns = [], label }: NameParts, isTaken: (name: string) => boolean): string {
  const addition = columns.length === 0 ? null : nameAddition(columns);
  let name = makeObjectName(table, addition, label);
  for (let pass = 1; isTaken(name); pass += 1) name = makeObjectName(table, addition, `${label}${pass}`);
  return name;
}

/**
 * `name1_name2_label` in at most 63 bytes: the longer of the two names gives way, byte by byte (the second one where
 * they are equal), and a character cut in half is dropped. The label is never cut.
 */
export function makeObjectName(name1: string, name2: string | null, label: string | null): string {
  const whole = [name1, ...(name2 === null ? [] : [name2]), ...(label === null ? [] : [label])].join('_');
  if (fitsAsItIs(whole)) return whole;
  const first = new TextEncoder().encode(name1);
  const second = new TextEncoder().encode(name2 ?? '');
  const overhead = (name2 === null ? 0 : 1) + (label === null ? 0 : byteLength(label) + 1);
  let firstBytes = first.length;
  let secondBytes = second.length;
  while (firstBytes + secondBytes > maxNameBytes - overhead) {
    if (firstBytes > secondBytes) firstBytes -= 1;
    else secondBytes -= 1;
  }
  const parts = [clip(first, firstBytes)];
  if (name2 !== null) parts.push(clip(second, secondBytes));
  if (label !== null) parts.push(label);
  return parts.join('_');
}

/**
 * The names of an index's elements, made unique: `null` stands for an expression without a name of its own. Two
 * expressions give `expr` and `expr1`.
 */
export function indexColumnNames(elements: readonly (string | null)[]): readonly string[] {
  const names: string[] = [];
  for (const element of elements) {
    const wanted = element ?? 'expr';
    let name = wanted;
    for (let n = 1; names.includes(name); n += 1) {
      const digits = String(n);
      name = clip(new TextEncoder().encode(wanted), maxNameBytes - digits.length) + digits;
    }
    names.push(name);
  }
  return names;
}

/** A name as the server stores it: cut to 63 bytes at a character's border. */
export function truncateName(name: string): string {
  return fitsAsItIs(name) ? name : clip(new TextEncoder().encode(name), maxNameBytes);
}

/** Most names do: short, and a byte a character. */
function fitsAsItIs(name: string): boolean {
  return name.length <= maxNameBytes && isAscii.test(name);
}

export function byteLength(text: string): number {
  return isAscii.test(text) ? text.length : new TextEncoder().encode(text).length;
}

/** The columns with `_` between them; the server stops adding once it has 64 bytes. */
function nameAddition(columns: readonly string[]): string {
  let addition = '';
  for (const column of columns) {
    if (addition !== '') addition += '_';
    addition += column;
    if (byteLength(addition) > maxNameBytes) break;
  }
  return addition;
}

/** The first `limit` bytes as text, without a character that is cut in half. */
function clip(bytes: Uint8Array, limit: number): string {
  let end = Math.min(limit, bytes.length);
  // A byte 10xxxxxx continues a character: the cut must not stand before one.
  while (end > 0 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return new TextDecoder().decode(bytes.subarray(0, end));
}
