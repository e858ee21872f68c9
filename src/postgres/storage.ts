/**
 * How large things become on disk, as far as it follows from the page layout and from the widths of types. Guesses: a
 * test holds those about indexes against a server, within a factor of two.
 *
 * Source: https://www.postgresql.org/docs/current/storage-page-layout.html; IndexTupleData in src/include/access/itup.h;
 * `typlen` in pg_type.
 */

export const pageBytes = 8192; // the default, and that of every packaged Postgres

/** A row's header (23, aligned to 24) and its line pointer. */
export const rowOverheadBytes = 28;

/** A table may have had this many columns in its life: dropped ones keep their number (MaxHeapAttributeNumber). */
export const mostAttributes = 1600;

const usablePageBytes = pageBytes - 40; // page header (24) and the B-tree's own end of page (16)
const entryOverheadBytes = 12; // entry header (8) and line pointer (4)
const bTreeFill = 0.9; // default fillfactor of leaf pages
const hashFill = 0.75;
const hashEntryBytes = 20; // hash, pointer to the row, line pointer
/** One summary for 128 pages of the table, each some dozens of bytes. */
const brinPagesPerEntry = 128;

const fixedWidths: Readonly<Record<string, number>> = {
  boolean: 1,
  '"char"': 1,
  smallint: 2,
  integer: 4,
  oid: 4,
  date: 4,
  real: 4,
  bigint: 8,
  'double precision': 8,
  money: 8,
  time: 8,
  timestamp: 8,
  'time with time zone': 12,
  interval: 16,
  uuid: 16,
  macaddr: 6,
  macaddr8: 8,
  inet: 10,
  cidr: 10,
  numeric: 8,
};

/** Bytes of a value of the type, as format_type spells it; null when it depends on the value. */
export function typeWidthBytes(type: string): number | null {
  if (type.endsWith('[]')) return null;
  const bare = type.replace(/\(\d+(?:,\d+)?\)/, '');
  const known = fixedWidths[bare] ?? fixedWidths[bare.replace(/ without time zone$/, '')];
  if (known !== undefined) return known;
  return bare.startsWith('timestamp') ? 8 : null;
}

/** Of an index over `rows` entries of `keyBytes` bytes; null for methods whose size depends on what the values share. */
export function indexBytes(
  method: string,
  { rows, keyBytes, heapBytes }: { readonly rows: number; readonly keyBytes: number; readonly heapBytes: number },
): number | null {
  switch (method) {
    case 'btree':
    case 'gist':
      return inPages((rows * (aligned(keyBytes) + entryOverheadBytes)) / bTreeFill);
    case 'hash':
      return inPages((rows * hashEntryBytes) / hashFill);
    case 'brin':
      return inPages((heapBytes / pageBytes / brinPagesPerEntry) * (aligned(keyBytes) * 2 + entryOverheadBytes));
    default:
      return null;
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** Whole pages, and one that every index has. */
function inPages(bytes: number): number {
  return (Math.ceil(bytes / usablePageBytes) + 1) * pageBytes;
}
