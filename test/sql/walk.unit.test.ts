import { beforeAll, describe, expect, test } from 'vitest';
import { emit, emitExpression } from '../../src/sql/emit.ts';
import { loadParser, parseExpression, parseStatements } from '../../src/sql/parse.ts';
import { columnReferences, functionCalls, replaceColumn, visit } from '../../src/sql/walk.ts';

beforeAll(loadParser);

describe('walking', () => {
  test('visits every tagged node, parents first', () => {
    const tags: string[] = [];
    visit(parseExpression('lower(a) || $1'), (tag) => {
      tags.push(tag);
    });
    expect(tags).toEqual(['A_Expr', 'String', 'FuncCall', 'String', 'ColumnRef', 'String', 'ParamRef']);
  });

  test('leaves out what is below a node when the visitor says so', () => {
    const tags: string[] = [];
    visit(parseExpression('lower(a) = b'), (tag) => {
      tags.push(tag);
      return tag !== 'FuncCall';
    });
    expect(tags).not.toContain('a');
    expect(tags.filter((tag) => tag === 'ColumnRef')).toHaveLength(1);
  });
});

describe('columns of an expression', () => {
  test('are named once each, with the table they are written with', () => {
    expect(columnReferences(parseExpression(`a > 1 AND t."B c" = a AND s.t.d IS NULL AND 'e' = f(NEW.g)`))).toEqual([
      { column: 'a' },
      { table: 't', column: 'B c' },
      { table: 't', column: 'd' },
      { table: 'new', column: 'g' },
    ]);
  });

  test('a whole row is a star', () => {
    expect(columnReferences(parseExpression('count(t.*)'))).toEqual([{ table: 't', column: '*' }]);
  });
});

describe('functions of an expression', () => {
  test('are named with schema and number of arguments', () => {
    expect(functionCalls(parseExpression('app.f(a, lower(b)) + now() + now()'))).toEqual(
      [
        { schema: 'app', name: 'f', argumentCount: 2 },
        { name: 'lower', argumentCount: 1 },
        { name: 'now', argumentCount: 0 },
      ].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
    );
  });
  const order = ['f', 'lower', 'now'];
});

describe('renaming a column in an expression', () => {
  const renamed = (text: string, table?: string): string =>
    emitExpression(replaceColumn(parseExpression(text), 'name', 'full_name', table === undefined ? {} : { table }));

  test.each([
    ['name', 'full_name'],
    ["username || name || 'name'", "(username || full_name) || 'name'"],
    ['name(name)', 'name(full_name)'],
    ['t.name', 't.full_name'],
    ["(name).x = 'y'", "(full_name).x = 'y'"],
    ['lower(name)::name', 'lower(full_name)::name'],
  ])('%s becomes %s', (text, expected) => {
    expect(renamed(text)).toBe(expected);
  });

  test('another table keeps its column of that name', () => {
    expect(renamed('name = other.name AND t.name = 1', 't')).toBe('full_name = other.name AND t.full_name = 1');
  });

  test('the given tree stays as it is', () => {
    const tree = parseExpression('name');
    replaceColumn(tree, 'name', 'x');
    expect(emitExpression(tree)).toBe('name');
  });
});

describe('renaming a column in a definition', () => {
  test.each([
    [
      'CREATE INDEX i ON t (a, lower(a), b) INCLUDE (a) WHERE (a > 0)',
      'CREATE INDEX i ON t (x, lower(x), b) INCLUDE (x) WHERE x > 0',
    ],
    ['ALTER TABLE t ADD CONSTRAINT a CHECK (a > b)', 'ALTER TABLE t ADD CONSTRAINT a CHECK (x > b)'],
    ['ALTER TABLE t ADD UNIQUE (a, b) INCLUDE (a)', 'ALTER TABLE t ADD UNIQUE (x, b) INCLUDE (x)'],
    [
      'ALTER TABLE t ADD FOREIGN KEY (a, b) REFERENCES a (a, b) ON DELETE SET NULL (a)',
      'ALTER TABLE t ADD FOREIGN KEY (x, b) REFERENCES a (a, b) ON DELETE SET NULL (x)',
    ],
    ['ALTER TABLE t ADD EXCLUDE USING gist (a WITH =)', 'ALTER TABLE t ADD EXCLUDE USING gist (x WITH =)'],
    ['CREATE STATISTICS s ON a, b FROM t', 'CREATE STATISTICS s ON x, b FROM t'],
    ['CREATE TABLE p (b int) PARTITION BY RANGE (a)', 'CREATE TABLE p (b integer) PARTITION BY RANGE (x)'],
  ])('%s', (text, expected) => {
    const [statement] = parseStatements(text);
    if (statement === undefined) throw new Error(text);
    expect(emit(replaceColumn(statement.node, 'a', 'x'))).toBe(expected);
  });
});
