/**
 * Text in lines of a given width. Words are never broken: a long name or URL stays whole, so that it can be copied.
 * A no-break space (in `duration`, for instance) keeps two words together, and is printed as a usual space.
 */

const noBreakSpace = '\u00a0';

/** The lines of `text`, each with `indent` in front (the first with `first`). Line ends in the text are kept. */
export function wrap(text: string, width: number, indent = '', first = indent): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = lines.length === 0 ? first : indent;
    let isEmpty = true;
    // Blanks at the start of a line are the author's own indentation; an excerpt with its caret is not touched at all.
    const own = /^\s*/.exec(paragraph)?.[0] ?? '';
    if (own !== '' && (`${line}${paragraph}`.length <= width || /^\s*\d*\s*\|/.test(paragraph))) {
      lines.push(`${line}${paragraph}`.trimEnd());
      continue;
    }
    line += own;
    const following = own === '' ? indent : `${indent}${own}  `;
    for (const word of paragraph.trimStart().split(' ')) {
      if (!isEmpty && line.length + 1 + word.length > width) {
        lines.push(line.trimEnd());
        line = following;
        isEmpty = true;
      }
      line += isEmpty ? word : ` ${word}`;
      isEmpty = false;
    }
    lines.push(line.trimEnd());
  }
  return lines.map((line) => line.replaceAll(noBreakSpace, ' '));
}

/** Text that stays on one line. */
export function together(text: string): string {
  return text.replaceAll(' ', noBreakSpace);
}

/** `text` in at most `width` columns, with an ellipsis where it was cut. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** `3 rows`, `1 row`. */
export function count(n: number | bigint, singular: string, plural = `${singular}s`): string {
  return `${withSeparators(n)} ${n === 1 || n === 1n ? singular : plural}`;
}

/** `1,234,567`: the same on every machine, whatever its locale. */
export function withSeparators(n: number | bigint): string {
  return n.toString().replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `850 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return withRest(minutes, 'min', Math.round(seconds) % 60, 's');
  return withRest(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

function withRest(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

const rowUnits = ['', ' thousand', ' million', ' billion', ' trillion'] as const;
const byteUnits = [' bytes', ' kB', ' MB', ' GB', ' TB'] as const;

/** `41 million`, of what was only estimated. */
export function inRows(rows: number): string {
  return rounded(rows, rowUnits);
}

/** `1.2 GB`, of what was only estimated. */
export function inBytes(bytes: number): string {
  return rounded(bytes, byteUnits);
}

function rounded(value: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  while (rest >= 1_000 && unit < units.length - 1) {
    rest /= 1_000;
    unit += 1;
  }
  return `${rest < 10 && unit > 0 ? Number(rest.toFixed(1)) : Math.round(rest)}${units[unit] ?? ''}`;
}
