import { describe, expect, test } from 'vitest';
import { byteLength, chooseName, indexColumnNames, makeObjectName, truncateName } from '../../src/postgres/names.ts';

const free = (): boolean => false;
const x = (length: number): string => 'x'.repeat(length);

describe('names of unnamed objects', () => {
  test.each([
    [{ table: 'users', label: 'pkey' }, 'users_pkey'],
    [{ table: 'users', columns: ['email'], label: 'key' }, 'users_email_key'],
    [{ table: 'users', columns: ['a', 'b'], label: 'idx' }, 'users_a_b_idx'],
    [{ table: 'users', columns: ['team_id'], label: 'fkey' }, 'users_team_id_fkey'],
    [{ table: 'users', label: 'check' }, 'users_check'],
    [{ table: 'Users', columns: ['Order Id'], label: 'not_null' }, 'Users_Order Id_not_null'],
  ] as const)('%j is called %s', (parts, expected) => {
    expect(chooseName(parts, free)).toBe(expected);
  });

  test('a taken name gets a number behind the label', () => {
    const taken = new Set(['t_a_key', 't_a_key1']);
    expect(chooseName({ table: 't', columns: ['a'], label: 'key' }, (name) => taken.has(name))).toBe('t_a_key2');
  });

  test('the longer part gives way, the second one when they are equal', () => {
    expect(makeObjectName(x(63), 'a', 'idx')).toBe(`${x(57)}_a_idx`);
    expect(makeObjectName('a', x(63), 'idx')).toBe(`a_${x(57)}_idx`);
    expect(makeObjectName(x(63), x(63), 'idx')).toBe(`${x(29)}_${x(29)}_idx`);
    expect(makeObjectName(x(63), x(63), 'fkey')).toBe(`${x(29)}_${x(28)}_fkey`);
  });

  test('no character is cut in half', () => {
    expect(makeObjectName('é'.repeat(31), 'a', 'idx')).toBe(`${'é'.repeat(28)}_a_idx`);
    expect(truncateName('😀'.repeat(20))).toBe('😀'.repeat(15));
  });

  test('the label and its number are never cut', () => {
    const name = chooseName(
      { table: x(63), columns: [x(63)], label: 'not_null' },
      (candidate) => !candidate.endsWith('10'),
    );
    expect(name).toMatch(/^x+_x+_not_null10$/);
    expect(byteLength(name)).toBe(63);
  });

  test('expressions and repeated columns of an index get numbers', () => {
    expect(indexColumnNames(['a', null, 'a', null, null])).toEqual(['a', 'expr', 'a1', 'expr1', 'expr2']);
    expect(indexColumnNames([x(63), x(63)])).toEqual([x(63), `${x(62)}1`]);
  });
});
