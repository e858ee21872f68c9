import { describe, expect, test } from 'vitest';
import { isClass, isConnectionLost, isRetryable, sqlstate, sqlstateOf } from '../../src/postgres/sqlstate.ts';

describe('SQLSTATEs', () => {
  test('have five characters and no code twice', () => {
    const codes = Object.values(sqlstate);
    expect(codes.filter((code) => !/^[0-9A-Z]{5}$/.test(code))).toEqual([]);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test.each([
    ['an error of the server', { code: '55P03' }, '55P03'],
    ['a broken socket', { code: 'ECONNRESET' }, null],
    ['a closed pipe, whose code has five letters', { code: 'EPIPE' }, null],
    ['an error without a code', new Error('x'), null],
    ['nothing', null, null],
  ])('of %s', (_what, error, expected) => {
    expect(sqlstateOf(error)).toBe(expected);
  });

  test('that another session caused are worth another try', () => {
    expect(
      [sqlstate.deadlockDetected, sqlstate.serializationFailure, sqlstate.lockNotAvailable].every(isRetryable),
    ).toBe(true);
    expect([sqlstate.uniqueViolation, sqlstate.queryCanceled, null].some(isRetryable)).toBe(false);
  });

  test('that mean the session is gone are known', () => {
    expect(['57P01', '57P02', '57P03', '08006', '08P01', '25P03'].every(isConnectionLost)).toBe(true);
    expect(['57014', '40001', null].some(isConnectionLost)).toBe(false);
  });

  test('belong to a class', () => {
    expect(isClass('23505', 'integrityConstraint')).toBe(true);
    expect(isClass(null, 'integrityConstraint')).toBe(false);
  });
});
