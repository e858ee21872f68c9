import { beforeAll, describe, expect, test } from 'vitest';
import { readDirective } from '../../src/sql/directives.ts';
import { loadParser } from '../../src/sql/parse.ts';

beforeAll(loadParser);

function read(comment: string) {
  const source = `SELECT 1;\n  ${comment}\n`;
  return readDirective({ source, file: 'f.sql', start: 12, end: 12 + comment.length });
}

const directive = (value: object) => ({ kind: 'directive', directive: { ...value, line: 2 } });

describe('directives that are written well', () => {
  test.each([
    ["-- migrate:using 'x' || y", directive({ kind: 'using', expression: "'x' || y" })],
    ["-- migrate:using '' -- the old default", directive({ kind: 'using', expression: "''" })],
    ['--migrate:using (SELECT max(id) FROM t)', directive({ kind: 'using', expression: '(SELECT max(id) FROM t)' })],
    ['-- migrate:reverse amount / 100', directive({ kind: 'reverse', expression: 'amount / 100' })],
    ['-- migrate:phase contract', directive({ kind: 'phase', phase: 'contract' })],
    ['-- migrate:phase EXPAND', directive({ kind: 'phase', phase: 'expand' })],
    ['-- migrate:strategy view', directive({ kind: 'strategy', strategy: 'view' })],
    ['-- migrate:batch size=500 pause=100ms', directive({ kind: 'batch', options: { size: '500', pause: '100ms' } })],
    ['-- migrate:raw -- tested on a copy', directive({ kind: 'raw', reason: 'tested on a copy' })],
    [
      '-- migrate:ignore no-drop-table -- the table was never used',
      directive({ kind: 'ignore', rule: 'no-drop-table', reason: 'the table was never used' }),
    ],
    ['-- migrate:expand', { kind: 'section', section: 'expand', options: '', line: 2 }],
    ['-- migrate:down', { kind: 'section', section: 'down', options: '', line: 2 }],
    ['-- Migrate:UP transaction:false', { kind: 'section', section: 'up', options: 'transaction:false', line: 2 }],
    ['-- a plain comment', { kind: 'none' }],
    ['-- we migrate:using nothing', { kind: 'none' }],
    ['-- migrate: the old rows come first', { kind: 'none' }],
  ])('%s', (comment, expected) => {
    expect(read(comment)).toEqual(expected);
  });
});

describe('directives that are written wrongly', () => {
  test.each([
    ['-- migrate:usnig 1', 'there is no directive "usnig"'],
    ['-- migrate:', 'the name of the directive is missing'],
    ['-- migrate: raw -- x', 'there must be no blank between "migrate:" and "raw"'],
    ['-- migrate:using', 'migrate:using needs an expression'],
    ['-- migrate:using a b c', '"a b c" is not one SQL expression'],
    ['-- migrate:using 1, 2', '"1, 2" is not one SQL expression'],
    ['-- migrate:using 1;', '"1;" is not one SQL expression'],
    ['-- migrate:using 1) + (2', '"1) + (2" is not one SQL expression'],
    ['-- migrate:using -- later', '"-- later" is not one SQL expression'],
    ['-- migrate:phase', 'migrate:phase takes expand or contract, not nothing'],
    ['-- migrate:phase backfill', 'migrate:phase takes expand or contract, not "backfill"'],
    ['-- migrate:strategy move', 'migrate:strategy takes copy or view, not "move"'],
    ['-- migrate:batch', 'migrate:batch needs options'],
    ['-- migrate:batch 500', '"500" is not key=value'],
    ['-- migrate:batch size=1 size=2', '"size" is given twice'],
    ['-- migrate:raw', 'migrate:raw needs a reason'],
    ['-- migrate:raw --', 'migrate:raw needs a reason'],
    ['-- migrate:raw because', 'migrate:raw needs a reason'],
    ['-- migrate:raw x -- y', '"x" is not expected after migrate:raw'],
    ['-- migrate:ignore no-drop-table', 'migrate:ignore needs a reason'],
    ['-- migrate:ignore -- why', 'migrate:ignore takes the name of one rule'],
    ['-- migrate:ignore a, b -- why', 'migrate:ignore takes the name of one rule'],
    ['-- migrate:phase=contract', 'a blank must follow "migrate:phase"'],
  ])('%s', (comment, problem) => {
    expect(() => read(comment)).toThrow(
      expect.objectContaining({
        code: 'BAD_DIRECTIVE',
        message: `f.sql:2:3: ${problem}\n  2 |   ${comment}\n    |   ^`,
        details: { file: 'f.sql', line: 2, column: 3 },
      }),
    );
  });

  test('an unknown directive is answered with the list of those that exist', () => {
    expect(() => read('-- migrate:contarct')).toThrow(
      expect.objectContaining({
        hint: expect.stringMatching(/migrate:ignore <rule> -- <reason>[\s\S]*migrate:contract/),
      }),
    );
  });
});
