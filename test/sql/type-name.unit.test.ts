import type { TypeName } from '@pgsql/types';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { parseTypeText, serialType, typeText } from '../../src/sql/type-name.ts';

beforeAll(loadParser);

function typeName(text: string): TypeName {
  const node = parseStatements(`CREATE FUNCTION f(a ${text}) RETURNS int LANGUAGE sql RETURN 1`)[0]?.node;
  const [parameter] =
    node !== undefined && 'CreateFunctionStmt' in node ? (node.CreateFunctionStmt.parameters ?? []) : [];
  if (parameter === undefined || !('FunctionParameter' in parameter)) throw new Error(text);
  const { argType } = parameter.FunctionParameter;
  if (argType === undefined) throw new Error(text);
  return argType;
}

// What the server says to each of these: test/sql/type-name.server.test.ts
test.each([
  ['int8', 'bigint'],
  ['decimal(10)', 'numeric(10,0)'],
  ['varchar(20)[3][]', 'character varying(20)[]'],
  ['timestamptz(3)', 'timestamp(3) with time zone'],
  ['app."Mood"[]', 'app."Mood"[]'],
  ['geometry(Point, 4326)', 'geometry(point,4326)'],
  ['bigserial', 'bigserial'],
  ['"SERIAL"', '"SERIAL"'],
  ['users.id%TYPE', 'users.id%TYPE'],
  ['setof text', 'SETOF text'],
])('%s is %s', (written, expected) => {
  expect(typeText(typeName(written))).toBe(expected);
});

test.each([
  ['serial', 'integer'],
  ['serial4', 'integer'],
  ['smallserial', 'smallint'],
  ['bigserial', 'bigint'],
  ['integer', null],
  ['app.serial', null],
] as const)('the integer behind %s is %s', (written, expected) => {
  expect(serialType(typeName(written))).toBe(expected);
});

describe('texts of types come apart', () => {
  test.each([
    ['bigint', 'bigint', [], 0],
    ['character varying(20)', 'character varying', [20], 0],
    ['numeric(10,2)[]', 'numeric', [10, 2], 1],
    ['numeric(3,-2)', 'numeric', [3, -2], 0],
    ['timestamp(3) with time zone', 'timestamp with time zone', [3], 0],
    ['interval day to second(3)', 'interval day to second', [3], 0],
    ['app."Odd (3) [] name"(5)[]', 'app."Odd (3) [] name"', [5], 1],
    ['"char"', '"char"', [], 0],
    ['integer[3][4]', 'integer', [], 2],
  ] as const)('%s', (text, name, modifiers, arrayDimensions) => {
    expect(parseTypeText(text)).toEqual({ name, modifiers, arrayDimensions });
  });
});
