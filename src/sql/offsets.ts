/**
 * Positions: the parser counts UTF-8 bytes (errors: code points), everything else in this project counts UTF-16 units.
 *
 * Guarantee: this is the only file that converts. Every offset that leaves `src/sql/` can be given to `String.slice`.
 */

export interface LineAndColumn {
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units, as editors and SARIF count. */
  readonly column: number;
}

/** A function from an offset in the UTF-8 form of `source` to one in `source` itself. */
export function byteToUtf16(source: string): (byteOffset: number) => number {
  if (isAscii(source)) return (byteOffset) => byteOffset;
  const offsets = new Uint32Array(source.length * 3 + 1); // one UTF-16 unit is at most three bytes
  let byte = 0;
  for (let unit = 0; unit < source.length;) {
    const width = utf16Width(source, unit);
    const bytes = width === 2 ? 4 : utf8Width(source.charCodeAt(unit));
    for (let k = 0; k < bytes; k += 1) offsets[byte + k] = unit;
    byte += bytes;
    unit += width;
  }
  offsets[byte] = source.length;
  return (byteOffset) => offsets[Math.min(byteOffset, byte)] ?? source.length;
}

/** The UTF-16 offset of the code point number `codePoint` (0-based), as the parser's errors count. */
export function codePointToUtf16(source: string, codePoint: number): number {
  let unit = 0;
  for (let left = codePoint; left > 0 && unit < source.length; left -= 1) unit += utf16Width(source, unit);
  return unit;
}

/** Where a person finds `offset`. A carriage return before a line feed belongs to the line it ends. */
export function lineAndColumn(source: string, offset: number): LineAndColumn {
  return linePositions(source.slice(0, offset))(offset);
}

/** The same for many offsets of one source: the line starts are looked for once. */
export function linePositions(source: string): (offset: number) => LineAndColumn {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function isAscii(source: string): boolean {
  // eslint-disable-next-line no-control-regex -- the whole ASCII range is meant
  return /^[\u0000-\u007f]*$/.test(source);
}

function utf16Width(source: string, unit: number): 1 | 2 {
  return (source.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
}

function utf8Width(unit: number): 1 | 2 | 3 {
  if (unit < 0x80) return 1;
  return unit < 0x800 ? 2 : 3;
}
