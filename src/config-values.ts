/** How a value of the config is read: an unknown one becomes a good one, or it is said what was expected instead. */
import { closestName } from './closest-name.ts';

/** One setting. */
export type Reader<T> = {
  readonly expected: string;
  readonly read: (value: unknown) => T | undefined;
  /** For a setting that holds others: the first thing that is wrong inside. */
  readonly complaint?: (value: unknown) => Complaint | null;
};

/** What is wrong with a value, and under which keys of it. */
export type Complaint = { readonly keys: readonly string[]; readonly message: string; readonly hint: string };

export function text(expected: string): Reader<string> {
  return { expected, read: (value) => (typeof value === 'string' && value !== '' ? value : undefined) };
}

export function wholeNumber(expected: string, least: number): Reader<number> {
  return {
    expected: `${expected}, ${least} or more`,
    read: (value) => (typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined),
  };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Why `value` is not a good one for this key, for the person who wrote it. */
export function notExpected(key: string, value: unknown, expected: string): Complaint {
  return {
    keys: [key],
    message: `"${key}" is ${JSON.stringify(value)}, which is not ${expected}.`,
    hint: `Give it ${expected}.`,
  };
}

/** `what` is “setting” or “signal”. */
export function notKnown(what: string, key: string, known: readonly string[]): Complaint {
  const suggestion = closestName(key, known);
  return {
    keys: [key],
    message: `There is no ${what} "${key}".${suggestion === null ? '' : ` Did you mean "${suggestion}"?`}`,
    hint: `The ${what}s are: ${known.join(', ')}.`,
  };
}
