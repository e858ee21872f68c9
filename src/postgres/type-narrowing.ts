/**
 * Which changes of a column's type refuse or change values that were fine before: what an application that still writes
 * for the old type would notice.
 *
 * Guarantee: only pairs of which a value is known that shows it (test/postgres/type-narrowing.server.test.ts); a pair that
 * is not known is not called narrowing. The question is what an INSERT of the same text does before and after.
 */
import { parseTypeText, type ParsedType } from './type-text.ts';

export type Narrowing = {
  /** The values that do not fit, in words: `texts of more than 20 characters`. */
  readonly what: string;
  /** `22001 (value too long)`; null when they are changed without an error. */
  readonly error: string | null;
  /** The characters that are left of a text, where that is all that changes. */
  readonly length: number | null;
};

/** Both types as `format_type` spells them; `enum` for any enum. */
export function narrowingOf(fromText: string, toText: string): Narrowing | null {
  const from = parseTypeText(fromText);
  const to = parseTypeText(toText);
  if (from.arrayDimensions > 0 || to.arrayDimensions > 0) return null;
  if (isText(from)) return fromTextTo(from, to);
  if (from.name === 'bit varying' && to.name === 'bit varying') return shorterBits(from, to);
  if (from.name in integerDigits) return fromInteger(from, to);
  if (from.name === 'numeric' && to.name === 'numeric') return fewerDigits(from, to);
  if (fractional.has(from.name) && to.name in integerDigits) return silent('fractions, which are rounded');
  if (from.name === 'double precision' && to.name === 'real') return silent('more than six digits');
  return timeChange(from, to);
}

const integerDigits: Readonly<Record<string, number>> = { smallint: 5, integer: 10, bigint: 19 };
const fractional: ReadonlySet<string> = new Set(['numeric', 'real', 'double precision']);

function isText({ name }: ParsedType): boolean {
  return name === 'text' || name === 'character varying' || name === 'character' || name === 'bpchar';
}

function refused(what: string, error: string, length: number | null = null): Narrowing {
  return { what, error, length };
}

function silent(what: string): Narrowing {
  return { what, error: null, length: null };
}

/** What a text must look like to be a value of the type. */
const parsed: Readonly<Record<string, string>> = {
  smallint: '22P02 (invalid input syntax)',
  integer: '22P02 (invalid input syntax)',
  bigint: '22P02 (invalid input syntax)',
  numeric: '22P02 (invalid input syntax)',
  real: '22P02 (invalid input syntax)',
  'double precision': '22P02 (invalid input syntax)',
  boolean: '22P02 (invalid input syntax)',
  uuid: '22P02 (invalid input syntax)',
  json: '22P02 (invalid input syntax)',
  jsonb: '22P02 (invalid input syntax)',
  inet: '22P02 (invalid input syntax)',
  cidr: '22P02 (invalid input syntax)',
  macaddr: '22P02 (invalid input syntax)',
  enum: '22P02 (invalid input value for enum)',
  date: '22007 (invalid input syntax)',
  'time without time zone': '22007 (invalid input syntax)',
  'timestamp without time zone': '22007 (invalid input syntax)',
  'timestamp with time zone': '22007 (invalid input syntax)',
  interval: '22007 (invalid input syntax)',
};

function fromTextTo(from: ParsedType, to: ParsedType): Narrowing | null {
  if (!isText(to)) {
    const error = parsed[to.name];
    const what = to.name === 'enum' ? 'texts that are none of its values' : 'texts that are not written like one';
    return error === undefined ? null : refused(what, error);
  }
  const limit = to.modifiers[0];
  const before = from.modifiers[0];
  if (limit === undefined || (before !== undefined && before <= limit)) return null;
  return refused(`texts of more than ${limit} character${limit === 1 ? '' : 's'}`, '22001 (value too long)', limit);
}

function shorterBits(from: ParsedType, to: ParsedType): Narrowing | null {
  const limit = to.modifiers[0];
  const before = from.modifiers[0];
  if (limit === undefined || (before !== undefined && before <= limit)) return null;
  return refused(`more than ${limit} bits`, '22001 (bit string too long)');
}

function fromInteger(from: ParsedType, to: ParsedType): Narrowing | null {
  const digits = integerDigits[from.name] ?? 0;
  const left = to.name === 'numeric' ? digitsBeforePoint(to) : (integerDigits[to.name] ?? null);
  if (left === null || left >= digits) return null;
  const what = to.name === 'numeric' ? `numbers of more than ${left} digits` : `numbers beyond the range of ${to.name}`;
  return refused(what, '22003 (out of range)');
}

/** Null: as many as one likes. */
function digitsBeforePoint({ modifiers: [precision, scale = 0] }: ParsedType): number | null {
  return precision === undefined ? null : precision - scale;
}

function fewerDigits(from: ParsedType, to: ParsedType): Narrowing | null {
  const left = digitsBeforePoint(to);
  if (left === null) return null;
  const before = digitsBeforePoint(from);
  if (before === null || before > left)
    return refused(`numbers of more than ${left} digits`, '22003 (numeric field overflow)');
  const [, scale = 0] = to.modifiers;
  return (from.modifiers[1] ?? 0) > scale
    ? silent(`digits behind the ${scale === 0 ? 'point' : `${scale}th`}, which are rounded`)
    : null;
}

const withDate: ReadonlySet<string> = new Set(['timestamp without time zone', 'timestamp with time zone']);
const timesOfDay: ReadonlySet<string> = new Set(['time without time zone', 'time with time zone']);

function timeChange(from: ParsedType, to: ParsedType): Narrowing | null {
  if (withDate.has(from.name) && to.name === 'date') return silent('time of day, which is cut off');
  if (from.name === 'timestamp without time zone' && to.name === 'time without time zone')
    return silent('date, which is cut off');
  const isTime = withDate.has(from.name) || timesOfDay.has(from.name);
  if (!isTime || from.name !== to.name) return null;
  const mostDigits = 6;
  const [precision = mostDigits] = to.modifiers;
  return (from.modifiers[0] ?? mostDigits) > precision
    ? silent(`more than ${precision} digits of a second, which are rounded`)
    : null;
}
