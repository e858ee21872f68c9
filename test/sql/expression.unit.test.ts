import { beforeAll, describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { expressionText } from '../../src/sql/expression.ts';
import { loadParser, parseExpression } from '../../src/sql/parse.ts';

beforeAll(loadParser);

describe('one expression', () => {
  test('is parsed to its tree', () => {
    expect(parseExpression('lower(a)')).toMatchObject({ FuncCall: { funcname: [{ String: { sval: 'lower' } }] } });
  });

  test.each([
    '',
    '1, 2',
    '1; SELECT 2',
    '1;',
    'a AS b',
    'a b',
    '*',
    't.*',
    'a FROM t',
    '1) + (2',
    'ALL a',
    'DISTINCT a',
    '1 UNION SELECT 2',
    '1 LIMIT 1',
    '1 INTO x',
    'SELECT 1',
  ])('is not %j', (text) => {
    expect(() => parseExpression(text)).toThrow(MigrateError);
  });

  test('may have comments and lines', () => {
    expect(expressionText(' a + -- one\n b /* two */ -- three')).toBe('a +       \n b');
  });
});
