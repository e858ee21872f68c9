/** How findings look: at 80 columns, without colour, with any source in them; and what programs get. */
import { Chalk } from 'chalk';
import { beforeAll, describe, expect, test } from 'vitest';
import { rules } from '../../rules/index.ts';
import { lintFiles } from '../../src/lint/lint-files.ts';
import { codeFrame } from '../../src/report/code-frame.ts';
import { findingsDocument } from '../../src/report/findings-json.ts';
import { findingsPretty } from '../../src/report/findings-pretty.ts';
import { plainLook } from '../../src/report/paint.ts';
import { withRulesTable } from '../rules/rules-table.ts';
import { loadParser } from '../../src/sql/parse.ts';

beforeAll(loadParser);

const files = [
  { path: 'migrations/0001_orders.sql', source: 'CREATE TABLE orders (user_id bigint);\n' },
  {
    path: 'migrations/0002_index.sql',
    source: 'CREATE INDEX ON orders (user_id);\nALTER TABLE orders ALTER COLUMN note TYPE text;\nSELEC;\n',
  },
];
const sources = new Map(files.map(({ path, source }) => [path, source]));

const lintThem = () => lintFiles({ files, rules, version: 17, transactionMode: 'none' });

describe('for people', () => {
  test('one block per finding, and a line that sums up', () => {
    expect(findingsPretty(lintThem(), { ...plainLook, sources })).toMatchSnapshot();
  });

  test('says so when there is nothing to say', () => {
    const result = lintFiles({ files: files.slice(0, 1), rules, version: 17, transactionMode: 'none' });
    expect(findingsPretty(result, { ...plainLook, sources })).toBe('No findings in 1 file (1 statement).\n');
  });

  test('prose and frames fit into the width; SQL stays in one piece', () => {
    const text = findingsPretty(lintThem(), { ...plainLook, width: 60, sources });
    const long = text
      .split('\n')
      .filter((line) => line.length > 60 && /^ {0,3}\S/.test(line) && !line.startsWith('migrations/'));
    expect(long).toEqual([]);
  });

  test('colour changes nothing but the colour', () => {
    const coloured = findingsPretty(lintThem(), { paint: new Chalk({ level: 1 }), width: 80, sources });
    // eslint-disable-next-line no-control-regex -- the escape sequences of colours
    expect(coloured.replaceAll(/\u001B\[\d+m/g, '')).toBe(findingsPretty(lintThem(), { ...plainLook, sources }));
    expect(coloured).toContain('\u001B[31merror');
  });
});

describe('a code frame', () => {
  const frame = (source: string, start: number, end: number, width = 80): string => {
    const position = (offset: number) => {
      const before = source.slice(0, offset).split('\n');
      return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
    };
    const [from, to] = [position(start), position(end)];
    const range = { line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
    return codeFrame(source, range, { ...plainLook, width }, (text) => text).join('\n');
  };
  const frameOf = (source: string, part: string, width?: number): string =>
    frame(source, source.indexOf(part), source.indexOf(part) + part.length, width);

  test('underlines exactly what is meant', () => {
    expect(frameOf('SELECT 1;\nALTER TABLE t ADD a int;', 'ADD a int')).toBe(
      ['  2 │ ALTER TABLE t ADD a int;', '    │               ~~~~~~~~~'].join('\n'),
    );
  });

  test('shows the first lines of a long statement', () => {
    const source = Array.from({ length: 12 }, (_, n) => `  line ${n}`).join('\n');
    expect(frame(source, 2, source.length)).toMatch(/line 3\n {4}│ {3}~{6}\n {4}│ … 8 more lines$/);
    expect(frame(source, 2, source.indexOf('line 4'))).toMatch(/│ … 1 more line$/);
  });

  test('keeps tabs, wide characters and Windows line ends in step', () => {
    expect(frameOf("\tSELECT '😀', x;\r\n", 'x')).toBe(["  1 │   SELECT '😀', x;", '    │               ~'].join('\n'));
  });

  test('cuts a long line around what is meant', () => {
    const source = `${'a'.repeat(100)} MEANT ${'b'.repeat(100)}`;
    const text = frameOf(source, 'MEANT', 50);
    expect(text.split('\n').every((line) => line.length <= 50)).toBe(true);
    expect(text).toBe(`  1 │ …${'a'.repeat(11)} MEANT ${'b'.repeat(24)}…\n    │ ${' '.repeat(13)}~~~~~`);
  });

  test('underlines as much of a long line as is shown', () => {
    const source = `CREATE INDEX ON t (${'a'.repeat(200)});`;
    expect(frameOf(source, source.slice(0, -1), 40)).toBe(
      `  1 │ CREATE INDEX ON t (${'a'.repeat(14)}…\n    │ ${'~'.repeat(33)}`,
    );
  });

  test('lets no control sequence through to the terminal', () => {
    expect(frameOf('SELECT \u001B[31m1;', ';')).toBe('  1 │ SELECT  [31m1;\n    │              ~');
  });
});

test('for programs: a versioned document with everything in it', () => {
  const parsed: unknown = findingsDocument(lintThem(), { pathOf: (file) => file });
  expect(parsed).toMatchObject({
    formatVersion: 1,
    summary: { files: 2, statements: 3, errors: 2, warnings: 1, infos: 0 },
    findings: [
      {
        rule: 'require-concurrent-index',
        severity: 'error',
        file: 'migrations/0002_index.sql',
        line: 1,
        column: 1,
        endLine: 1,
        endColumn: 33,
        statement: 'CREATE INDEX ON orders (user_id)',
        fix: { start: 0, end: 32, sql: 'CREATE INDEX CONCURRENTLY ON orders (user_id)' },
      },
      { rule: 'no-column-type-rewrite', fix: null },
      { rule: 'no-syntax-error', instead: null },
    ],
  });
});

test('the table of rules stands between its marks, and a document without them stays as it is', () => {
  const document = 'before\n<!-- rules:start -->\nold\n<!-- rules:end -->\nafter\n';
  const written = withRulesTable(document, rules);
  expect(written).toMatch(/^before\n<!-- rules:start -->\n\| rule \|/);
  expect(written).toMatch(/\n<!-- rules:end -->\nafter\n$/);
  expect(withRulesTable(written, rules)).toBe(written);
  expect(withRulesTable('no marks', rules)).toBe('no marks');
});
