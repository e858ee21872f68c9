/** A text that is made from one of the same shape is still the tree's own, whatever its names are. */
import type { Node } from '@pgsql/types';
import { beforeAll, expect, test } from 'vitest';
import { quoteIdentifier } from '../../src/sql/identifier.ts';
import { emit, emitExpression, sameTree } from '../../src/sql/emit.ts';
import { loadParser, parseExpression, parseStatements } from '../../src/sql/parse.ts';

beforeAll(loadParser);

const names = [
  'orders',
  'userId',
  'UserId',
  'if',
  'name',
  'user',
  'a b',
  'a"b',
  'ünïcode',
  'a$b',
  '1a',
  'onward_shape_1_',
];

/** With the names in the places of `$1` and `$2`. */
function statementsWith(first: string, second: string): readonly string[] {
  return [
    `ALTER TABLE $1 ADD COLUMN $2 integer DEFAULT 0 NOT NULL`,
    `ALTER TABLE $1 ADD COLUMN IF NOT EXISTS $2 text`,
    `ALTER TABLE $1 DROP COLUMN $2`,
    `ALTER TABLE $1 ADD CONSTRAINT $2 FOREIGN KEY ($1, $2) REFERENCES $2 ($2, $1) ON DELETE CASCADE`,
    `ALTER TABLE $1 ADD CONSTRAINT $2 CHECK ($1 > 0 AND $2 <> 'onward_shape_0_')`,
    `ALTER TABLE $1 ALTER COLUMN $2 SET DEFAULT 'onward_shape_0_'`,
    `CREATE UNIQUE INDEX $2 ON $1 ($2, lower($1) DESC) INCLUDE ($1) WHERE $2 IS NOT NULL`,
  ].map((text) => text.replaceAll('$1', () => quoteIdentifier(first)).replaceAll('$2', () => quoteIdentifier(second)));
}

function only(source: string): Node {
  const [statement] = parseStatements(source);
  if (statement === undefined) throw new Error(source);
  return statement.node;
}

test('statements of one shape read back as themselves', () => {
  const changed: string[] = [];
  for (const [index, first] of names.entries()) {
    for (const second of [first, names[(index + 1) % names.length] ?? '', 'orders']) {
      for (const text of statementsWith(first, second)) {
        const node = only(text);
        if (!sameTree(node, only(emit(node)))) changed.push(text);
      }
    }
  }
  expect(changed).toEqual([]);
});

test('a text is the same, whichever name of its shape was the first', () => {
  const text = (table: string, column: string): string =>
    emit(only(`ALTER TABLE ${table} ADD COLUMN ${column} bigint`));
  expect([text('orders', 'total'), text('customers', 'name'), text('"Order"', '"userId"'), text('a', 'a')]).toEqual([
    'ALTER TABLE orders ADD COLUMN total bigint',
    'ALTER TABLE customers ADD COLUMN name bigint',
    'ALTER TABLE "Order" ADD COLUMN "userId" bigint',
    'ALTER TABLE a ADD COLUMN a bigint',
  ]);
});

test('constants are part of the shape', () => {
  expect(['1', "'a'", "'b'", 'now()'].map((text) => emitExpression(parseExpression(text)))).toEqual([
    '1',
    "'a'",
    "'b'",
    'now()',
  ]);
});
