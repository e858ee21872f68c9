import { describe, expect, test } from 'vitest';
import { volatility, worstVolatility } from '../../src/postgres/volatility.ts';

describe('volatility', () => {
  test.each([
    ['lower', 'immutable'],
    ['coalesce', 'immutable'],
    ['now', 'stable'],
    ['current_timestamp', 'stable'],
    ['timezone', 'stable'],
    ['nextval', 'volatile'],
    ['gen_random_uuid', 'volatile'],
    ['clock_timestamp', 'volatile'],
    ['random', 'volatile'],
    ['uuidv7', 'volatile'],
    ['make_invoice_number', 'unknown'],
    ['toString', 'unknown'],
  ])('of %s is %s', (name, expected) => {
    expect(volatility(name)).toBe(expected);
  });

  test('of a function in a user’s schema is unknown, whatever its name', () => {
    expect(volatility('lower', 'app')).toBe('unknown');
    expect(volatility('lower', 'pg_catalog')).toBe('immutable');
  });

  test('of several is the worst, and unknown is worse than volatile', () => {
    expect(worstVolatility(['immutable', 'volatile', 'stable'])).toBe('volatile');
    expect(worstVolatility(['volatile', 'unknown'])).toBe('unknown');
    expect(worstVolatility([])).toBe('immutable');
  });
});
