import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { loadParser, parseFile, parseStatements } from '../../src/sql/parse.ts';

beforeAll(loadParser);

function syntaxErrorOf(source: string, file?: string): MigrateError {
  try {
    parseStatements(source, file === undefined ? {} : { file });
  } catch (error) {
    if (error instanceof MigrateError) return error;
    throw error;
  }
  throw new Error('The source was expected not to parse.');
}

describe('statements', () => {
  test.each(['', ' \n\t', '-- only a comment', '/* a block */ ;; ;', '\uFEFF'])('%j has no statement', (source) => {
    expect(parseStatements(source)).toEqual([]);
  });

  test('text, position and order of each statement are exact', () => {
    const source = '-- first\n  SELECT 1 ;\n\n/* é */ SELECT\n  2; -- after\nSELECT 3';
    expect(parseStatements(source).map(({ text, line, column, index }) => ({ text, line, column, index }))).toEqual([
      { text: 'SELECT 1', line: 2, column: 3, index: 0 },
      { text: 'SELECT\n  2', line: 4, column: 9, index: 1 },
      { text: 'SELECT 3', line: 6, column: 1, index: 2 },
    ]);
  });

  test('a comment before the semicolon or at the end is not part of the text', () => {
    const source = 'SELECT 1 -- why\n;SELECT 2 /* a */ -- b\n/* c */';
    expect(parseStatements(source).map(({ text }) => text)).toEqual(['SELECT 1', 'SELECT 2']);
  });

  test('a comment inside a statement is part of the text', () => {
    const [statement] = parseStatements('SELECT /* one */ 1, -- two\n 2;');
    expect(statement?.text).toBe('SELECT /* one */ 1, -- two\n 2');
  });

  test('what looks like a comment inside constants and bodies is left alone', () => {
    const source = `SELECT '-- no', "a/*b", $$ -- ; $$;DO $x$ BEGIN /* ; */ END $x$;`;
    expect(parseStatements(source).map(({ text }) => text)).toEqual([
      `SELECT '-- no', "a/*b", $$ -- ; $$`,
      'DO $x$ BEGIN /* ; */ END $x$',
    ]);
  });

  test('a byte order mark and Windows line ends change nothing', () => {
    const [first, second] = parseStatements('\uFEFFSELECT 1;\r\n-- é\r\nSELECT 2;\r\n');
    expect(first).toMatchObject({ text: 'SELECT 1', start: 1, line: 1 });
    expect(second).toMatchObject({ text: 'SELECT 2', line: 3, column: 1 });
  });

  test('locations in the tree are offsets in the source, also behind characters of several bytes', () => {
    const source = `-- 😀 é\nALTER TABLE "Straße" ADD COLUMN größe int;`;
    const [statement] = parseStatements(source);
    if (statement === undefined || !('AlterTableStmt' in statement.node)) throw new Error('not an ALTER TABLE');
    const location = statement.node.AlterTableStmt.relation?.location ?? 0;
    expect(source.slice(location, location + 8)).toBe('"Straße"');
  });

  test('control characters inside constants are no obstacle', () => {
    const source = `-- a\fb\nSELECT 'x\u0001y' /* \u0002 */, 1;`;
    expect(parseStatements(source)[0]?.text).toBe(`SELECT 'x\u0001y' /* \u0002 */, 1`);
  });

  test('whatever stands around and between statements, their texts are found again', () => {
    const between = fc.array(
      fc.constantFrom(' ', '\n', '\r\n', '\t', '-- é; 😀\n', '/* ; /* nested */ */', ';', "--'\n", '/*$$*/'),
      { maxLength: 5 },
    );
    const statement = fc.constantFrom(
      'SELECT 1',
      "SELECT 'é;😀--'",
      'ALTER TABLE "t;é" ADD COLUMN a int -- in\n, ADD b int',
      'DO $é$ ; -- $é$',
      'SELECT $$;$$, /* in */ 2',
      '(VALUES (1))',
      'WITH x AS (SELECT 1) SELECT * FROM x',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(between, statement), { maxLength: 6 }), between, (pieces, after) => {
        const source = `${pieces.map(([before, text]) => `${before.join('')}${text}\n;`).join('')}${after.join('')}`;
        const found = parseStatements(source);
        expect(found.map(({ text }) => text)).toEqual(pieces.map(([, text]) => text));
        for (const { text, start, end } of found) expect(source.slice(start, end)).toBe(text);
      }),
    );
  });
});

describe('syntax errors', () => {
  test('name file, line and column and show the line with a caret', () => {
    const error = syntaxErrorOf('-- ünïcödé 😀\nSELECT 1;\n\tcreate tabel t (a int);\n', 'migrations/0001.sql');
    expect(error.code).toBe('SYNTAX_ERROR');
    expect(error.message).toBe(
      [
        'migrations/0001.sql:3:9: syntax error at or near "tabel"',
        '  3 | \tcreate tabel t (a int);',
        '    | \t       ^',
      ].join('\n'),
    );
    expect(error.details).toEqual({ file: 'migrations/0001.sql', line: 3, column: 9 });
  });

  test('a text without a file names line and column', () => {
    expect(syntaxErrorOf('SELECT 1,').message).toMatch(/^line 1, column 10: syntax error at end of input/);
  });

  test('only a part of a very long line is shown', () => {
    const message = syntaxErrorOf(`SELECT ${'1, '.repeat(200)} frm x y, ${'1, '.repeat(200)}`).message;
    const [, line = '', caret = ''] = message.split('\n');
    expect(line.length).toBeLessThan(140);
    expect(line.slice(caret.length - 1)).toMatch(/^y, 1/);
  });

  test.each([
    ['a command of psql', '\\connect other\nSELECT 1;', /psql/],
    ['a template that was not filled in', 'CREATE TABLE {{ schema }}.t (a int);', /template/],
  ])('%s gets a hint', (_what, source, hint) => {
    expect(syntaxErrorOf(source).hint).toMatch(hint);
  });

  test('a NUL is refused, because the parser would stop there and drop the rest', () => {
    expect(syntaxErrorOf('SELECT 1; \0 DROP TABLE t;').message).toMatch(/^line 1, column 11: a NUL/);
  });

  test('an expression nested too deeply is an error of the file, not a crash', () => {
    expect(syntaxErrorOf(`SELECT 1${'+1'.repeat(30_000)}`).code).toBe('SYNTAX_ERROR');
    expect(parseStatements('SELECT 1')).toHaveLength(1);
  });
});

describe('directives and sections', () => {
  const ownerOf = (source: string): readonly string[] =>
    parseFile(source, { file: 'f.sql' }).statements.flatMap(({ text, directives }) =>
      directives.map((directive) => `${directive.kind} → ${text}`),
    );

  test('a directive belongs to the next statement', () => {
    const source = '-- migrate:raw -- tested\n-- a note\nSELECT 1;\n\n-- migrate:phase contract\n\nSELECT 2;';
    expect(ownerOf(source)).toEqual(['raw → SELECT 1', 'phase → SELECT 2']);
  });

  test('a directive inside a statement belongs to it', () => {
    const source = "SELECT 0;\nALTER TABLE t\n  -- migrate:using 'x'\n  ADD COLUMN a text; SELECT 1;";
    expect(ownerOf(source)).toEqual([`using → ALTER TABLE t\n  -- migrate:using 'x'\n  ADD COLUMN a text`]);
  });

  test('a directive behind a statement on its line is refused', () => {
    const source = 'ALTER TABLE t ADD a int NOT NULL; -- migrate:using 0\nSELECT 1;';
    expect(() => parseStatements(source, { file: 'f.sql' })).toThrow(
      /^f\.sql:1:35: a directive stands on its own line/,
    );
  });

  test('a directive that no statement follows is dangling', () => {
    const { danglingDirectives, statements } = parseFile('SELECT 1;\n-- migrate:raw -- why\n', { file: 'f.sql' });
    expect(danglingDirectives.map(({ directive }) => directive)).toEqual([{ kind: 'raw', reason: 'why', line: 2 }]);
    expect(statements[0]?.directives).toEqual([]);
  });

  test('a directive does not reach over a section marker', () => {
    const source = '-- migrate:raw -- why\n-- migrate:down\nSELECT 1;';
    expect(parseFile(source, { file: 'f.sql' }).danglingDirectives).toHaveLength(1);
  });

  test('section markers keep their order, position and options', () => {
    const source = '-- migrate:up transaction:false\nSELECT 1;\n-- migrate:down\nSELECT 2;';
    expect(parseFile(source, { file: 'f.sql' }).sections).toEqual([
      { section: 'up', options: 'transaction:false', start: 0, end: 31, line: 1 },
      { section: 'down', options: '', start: 42, end: 57, line: 3 },
    ]);
  });

  test('a section marker inside a statement is refused', () => {
    expect(() => parseStatements('SELECT\n-- migrate:contract\n1;')).toThrow(/stands inside a statement/);
  });
});
