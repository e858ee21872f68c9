import { describe, expect, test } from 'vitest';
import { typeChange } from '../../src/postgres/type-change.ts';

const ask = (
  from: string,
  to: string,
  rest: { using?: boolean; usingIsPlainCast?: boolean; timezoneIsUtc?: boolean } = {},
) => typeChange({ from, to, using: false, usingIsPlainCast: false, version: 18, timezoneIsUtc: true, ...rest });

const nothing = { rewrite: false, indexRebuild: false, scan: false, known: true };
const everything = { rewrite: true, indexRebuild: true, scan: true, known: true };

describe('changing a type', () => {
  test.each([
    ['integer', 'bigint', everything],
    ['character varying(50)', 'character varying(100)', nothing],
    ['character varying(50)', 'character varying(20)', everything],
    ['character varying(50)', 'text', nothing],
    ['numeric(10,2)', 'numeric(12,2)', nothing],
    ['numeric(10,2)', 'numeric(12,4)', everything],
    ['text', 'bpchar', { ...nothing, indexRebuild: true }],
    ['app.mood', 'text', { ...everything, known: false }],
    ['app.mood', 'app.mood', nothing],
    ['app.mood[]', 'app.mood', { ...everything, known: false }],
  ])('%s → %s', (from, to, expected) => {
    expect(ask(from, to)).toEqual(expected);
  });

  test('an expression rewrites, even to the same type', () => {
    expect(ask('text', 'text', { using: true })).toEqual(everything);
    expect(ask('text', 'character varying', { using: true, usingIsPlainCast: true })).toEqual(nothing);
  });

  test('between timestamps with and without time zone depends on the session’s time zone', () => {
    const [from, to] = ['timestamp without time zone', 'timestamp with time zone'] as const;
    expect(ask(from, to)).toEqual({ ...nothing, indexRebuild: true });
    expect(ask(from, to, { timezoneIsUtc: false })).toEqual(everything);
  });
});
