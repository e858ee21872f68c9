import { describe, expect, test } from 'vitest';
import { identifier, join, literal, qualified, raw, sql } from '../../src/sql/template.ts';

describe('the sql tag', () => {
  test('puts fragments together', () => {
    const table = qualified({ schema: 'app', name: 'Users' });
    const columns = join([identifier('id'), identifier('order')]);
    expect(sql`SELECT ${columns} FROM ${table} WHERE note = ${literal(`it's`)}`.text).toBe(
      `SELECT id, "order" FROM app."Users" WHERE note = 'it''s'`,
    );
  });

  test('its result is a fragment', () => {
    const condition = sql`a = ${literal(1)}`;
    expect(join([condition, sql`b = ${raw('now()')}`], ' AND ').text).toBe('a = 1 AND b = now()');
  });

  test.each([
    [null, 'NULL'],
    [true, 'true'],
    [false, 'false'],
    [1.5, '1.5'],
    [-1, '(-1)'],
    ['', "''"],
  ])('the constant %j is written %s', (value, expected) => {
    expect(literal(value).text).toBe(expected);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is no constant', (value) => {
    expect(() => literal(value)).toThrow(/is not a number that SQL can spell/);
  });

  test('a bare string is refused', () => {
    // @ts-expect-error a string is no fragment: the compiler refuses it as well
    expect(() => sql`SELECT ${'1; DROP TABLE t'}`).toThrow(/is not a fragment/);
  });

  test('an object that only looks like a fragment is refused', () => {
    // @ts-expect-error the mark of a fragment is missing
    expect(() => join([{ text: '1; DROP TABLE t' }])).toThrow(/is not a fragment/);
  });
});
