/** Section markers: which statement stands where, and what is refused with file and line. */
import { beforeAll, describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { loadParser, parseFile } from '../../src/sql/parse.ts';
import { forwardStatements, isPhasedByHand, phaseSectionOf, rollbackStatements } from '../../src/sql/sections.ts';

beforeAll(loadParser);

const parse = (source: string) => parseFile(source, { file: 'm.sql' });

function refusal(source: string): string {
  try {
    parse(source);
  } catch (error) {
    if (error instanceof MigrateError) return `${error.code} ${error.message.split('\n')[0] ?? ''}`;
    throw error;
  }
  return 'accepted';
}

describe('a file that is phased by hand', () => {
  const source = `-- about the file
-- migrate:expand
SELECT 1;
-- migrate:backfill
SELECT 2; SELECT 3;
-- migrate:contract
SELECT 4;
-- migrate:rollback
SELECT 5;`;

  test('gives each statement its phase, and the way back apart', () => {
    const file = parse(source);
    expect(isPhasedByHand(file)).toBe(true);
    expect(forwardStatements(file).map((each) => `${phaseSectionOf(file, each)}: ${each.text}`)).toEqual([
      'expand: SELECT 1',
      'backfill: SELECT 2',
      'backfill: SELECT 3',
      'contract: SELECT 4',
    ]);
    expect(rollbackStatements(file).map(({ text }) => text)).toEqual(['SELECT 5']);
  });

  test('may leave sections out', () => {
    expect(refusal('-- migrate:contract\nSELECT 1;')).toBe('accepted');
  });
});

describe('a file of another tool', () => {
  test('has no phases, and keeps its way back', () => {
    const file = parse('-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;');
    expect(isPhasedByHand(file)).toBe(false);
    expect(forwardStatements(file).map(({ text }) => text)).toEqual(['SELECT 1']);
  });
});

describe('refused is', () => {
  test.each([
    ['an unknown section', '-- migrate:expnd\nSELECT 1;', 'm.sql:1:1: there is no directive "expnd"'],
    [
      'a section that stands twice',
      '-- migrate:expand\nSELECT 1;\n-- migrate:expand\nSELECT 2;',
      'm.sql:3:1: the section "expand" stands twice, also on line 1',
    ],
    [
      'a statement above the first marker',
      'SELECT 0;\n-- migrate:expand\nSELECT 1;',
      'm.sql:2:1: a statement stands above the first marker, on line 1, and so in no section',
    ],
    [
      'an empty section',
      '-- migrate:expand\n-- nothing\n-- migrate:contract\nSELECT 1;',
      'm.sql:1:1: the section "expand" is empty',
    ],
    [
      'an empty section at the end',
      '-- migrate:expand\nSELECT 1;\n-- migrate:rollback\n',
      'm.sql:3:1: the section "rollback" is empty',
    ],
    [
      'another order than that of the phases',
      '-- migrate:contract\nSELECT 1;\n-- migrate:expand\nSELECT 2;',
      'm.sql:3:1: the section "expand" stands below "contract", and runs before it',
    ],
    [
      'a marker inside a statement',
      '-- migrate:expand\nSELECT\n-- migrate:contract\n1;',
      'm.sql:3:1: the marker "migrate:contract" stands inside a statement',
    ],
    [
      'a marker with something behind it',
      '-- migrate:expand first\nSELECT 1;',
      'm.sql:1:1: "first" is not expected behind the marker',
    ],
    [
      'a mixture with the markers of other tools',
      '-- migrate:up\nSELECT 1;\n-- migrate:contract\nSELECT 2;',
      'm.sql:1:1: "migrate:up" does not go with the markers of a file that is phased by hand',
    ],
  ])('%s', (_, source, message) => {
    expect(refusal(source)).toBe(`BAD_DIRECTIVE ${message}`);
  });
});
