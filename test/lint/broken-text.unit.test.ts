/** One broken statement never hides the others, and never moves them. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseLeniently } from '../../src/lint/lenient-parse.ts';
import { statementPieces, words } from '../../src/lint/sql-text.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { found, lintSql } from './lint-sql.ts';

beforeAll(loadParser);

describe('a statement that does not parse', () => {
  test('is reported where it is wrong, and the rest is linted', () => {
    const sql = `CREATE INDEX ON a (x);
ALTER TABLE users ADD COLUM phone text NOT NUL;
CREATE INDEX ON b (x);`;
    expect(found(sql)).toEqual(['require-concurrent-index:1', 'no-syntax-error:2', 'require-concurrent-index:3']);
    expect(lintSql(sql).findings[1]).toMatchObject({
      severity: 'error',
      statement: 'ALTER TABLE users ADD COLUM phone text NOT NUL',
      message:
        'Postgres cannot parse this statement: syntax error at or near "text". The rest of the file was checked without it.',
      column: 35,
      endColumn: 39,
    });
  });

  test('may be several, at the end of the file or its only content', () => {
    expect(found('SELEC 1;\nSELECT 1;\nSELEC 2')).toEqual(['no-syntax-error:1', 'no-syntax-error:3']);
    expect(found('CREATE TABLE t (')).toEqual(['no-syntax-error:1']);
    expect(found("CREATE INDEX ON a (x);\nINSERT INTO a VALUES ('it is open)")).toEqual([
      'require-concurrent-index:1',
      'no-syntax-error:2',
    ]);
  });

  test('does not hide a statement whose text holds semicolons', () => {
    const sql = `CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN 1; END $body$;
CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;
CREATE RULE r AS ON INSERT TO a DO ALSO (DELETE FROM b; DELETE FROM c);
INSERT INTO a VALUES ('x;y', E'it\\'s;', "a;b"); -- and; so; on
WHAT IS THIS;
CREATE INDEX ON a (x);`;
    expect(found(sql)).toEqual(['no-syntax-error:5', 'require-concurrent-index:6']);
  });

  test('can be switched off like a rule', () => {
    expect(found('SELEC 1;', { severities: { 'no-syntax-error': 'off' } })).toEqual([]);
  });

  test('in the history is passed over', () => {
    expect(found('CREATE INDEX ON a (x);', { before: 'NOT SQL;\nCREATE TABLE a (x int);' })).toEqual([
      'require-concurrent-index:1',
    ]);
  });
});

describe('a directive that is written wrongly', () => {
  test('is reported with what to write, and the rest is linted', () => {
    const { findings } = lintSql('-- migrate:ignore require-concurrent-index\nCREATE INDEX ON a (x);');
    expect(findings.map(({ rule, line }) => [rule, line])).toEqual([
      ['no-syntax-error', 1],
      ['require-concurrent-index', 2],
    ]);
    expect(findings[0]).toMatchObject({
      message: 'This directive is not understood: migrate:ignore needs a reason.',
      instead: { text: 'Write:', sql: '-- migrate:ignore <rule> -- <reason>' },
    });
  });

  test('may stand beside a broken statement', () => {
    expect(found('-- migrate:ignroe x -- y\nSELEC;\n-- migrate:raw\nCREATE INDEX ON a (x);').toSorted()).toEqual([
      'no-syntax-error:1',
      'no-syntax-error:2',
      'no-syntax-error:3',
      'require-concurrent-index:4',
    ]);
  });
});

describe('any text', () => {
  const fragment = fc.constantFrom(
    'SELECT 1',
    ';',
    "'",
    '"',
    '$$',
    '$a$',
    '--',
    '\n',
    '/*',
    '*/',
    '(',
    ')',
    'é',
    '😀',
    "E'",
    '\\',
    'BEGIN ATOMIC',
    'END',
    ' ',
    '-- migrate:',
    'ignore',
    ',',
  );
  const text = fc.array(fragment, { maxLength: 25 }).map((parts) => parts.join(''));

  test('is parsed or reported, and every statement stands where it is in the source', () => {
    fc.assert(
      fc.property(text, (source) => {
        const { parsed, problems } = parseLeniently('m.sql', source);
        for (const { start, end, text: own } of parsed.statements) expect(source.slice(start, end)).toBe(own);
        for (const { start, end } of problems) expect(0 <= start && start < end && end <= source.length).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('that parses is cut where the parser cuts it', () => {
    fc.assert(
      fc.property(text, (source) => {
        let statements: readonly string[];
        try {
          statements = parseStatements(source).map((statement) => statement.text);
        } catch {
          return; // not SQL
        }
        const pieces = statementPieces(source).map(({ start, end }) => source.slice(start, end));
        for (const statement of statements) expect(pieces.some((piece) => piece.includes(statement))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

test('words are those outside of constants and comments', () => {
  expect(
    words(`Alter /* x */ "My""Table" -- y\n add (a 'b') $$ c $$ d$1`).map(({ text, depth }) => [text, depth]),
  ).toEqual([
    ['ALTER', 0],
    ['"My""Table"', 0],
    ['ADD', 0],
    ['A', 1],
    ['D$1', 0],
  ]);
});
