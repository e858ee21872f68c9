/** The formats that other programs read: each as its reader wants it, whatever stands in a file or a message. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { rules } from '../../rules/index.ts';
import type { Finding, LintResult } from '../../src/lint/finding.ts';
import { lintFiles } from '../../src/lint/lint-files.ts';
import { formatFindings, type FindingsFormat } from '../../src/report/findings-formats.ts';
import { findingFingerprints } from '../../src/report/finding-fingerprints.ts';
import { plainLook } from '../../src/report/paint.ts';
import { loadParser } from '../../src/sql/parse.ts';

beforeAll(loadParser);

const files = [
  { path: 'db/0001_orders.sql', source: 'CREATE TABLE orders (user_id bigint);\n' },
  {
    path: 'db/0002_a b.sql',
    source: 'CREATE INDEX ON orders (user_id);\nALTER TABLE orders\n  ADD note json;\nSELEC;\n',
  },
];

const lintThem = (): LintResult => lintFiles({ files, rules, version: 17, transactionMode: 'none' });

const identity = (file: string): string => file;

function written(format: FindingsFormat, result: LintResult, pathOf = identity): string {
  const sources = new Map(files.map(({ path, source }) => [path, source]));
  return formatFindings(format, result, { ...plainLook, sources, rules, pathOf, version: '1.2.3' });
}

/** A finding with everything in it that a format might take for its own. */
const nasty: Finding = {
  rule: 'no-cascade',
  severity: 'error',
  message: 'Ends: 100%\r\n::error::no, <b> & "q" \'s\' ]]> \u0000\u001B[31m \uD800 \uFFFF `x` _y_ | z',
  file: 'db/a:b,c%d <&"\'>.sql',
  line: 3,
  column: 2,
  endLine: 4,
  endColumn: 9,
  statement: 'DROP TABLE "```"',
  instead: { text: 'Write _this_:', sql: 'DROP TABLE "```";' },
  fix: { start: 1, end: 5, sql: 'x' },
  size: 'orders has about 3 rows.',
};
const nastyResult: LintResult = { findings: [nasty], files: 1, statements: 1 };

describe('sarif', () => {
  const schema: unknown = JSON.parse(readFileSync(new URL('schemas/sarif-schema-2.1.0.json', import.meta.url), 'utf8'));
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema as object);

  test.each([
    ['findings', lintThem],
    ['none', (): LintResult => ({ findings: [], files: 1, statements: 0 })],
    ['odd ones', () => nastyResult],
  ])('is valid against the schema of the standard: %s', (_, resultOf) => {
    const text = written('sarif', resultOf());
    expect(validate(JSON.parse(text)) ? [] : validate.errors).toEqual([]);
  });

  test('the schema is in force', () => {
    expect(validate({ version: '2.1.0', runs: [{}] })).toBe(false);
  });

  test('has the rules, the place, a fix and a fingerprint', () => {
    expect(JSON.parse(written('sarif', lintThem()))).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'onward', semanticVersion: '1.2.3' } },
          columnKind: 'utf16CodeUnits',
          results: [
            {
              ruleId: 'require-concurrent-index',
              ruleIndex: rules.findIndex(({ id }) => id === 'require-concurrent-index'),
              level: 'error',
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'db/0002_a%20b.sql' },
                    region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 33 },
                  },
                },
              ],
              fixes: [
                {
                  artifactChanges: [
                    {
                      replacements: [
                        {
                          deletedRegion: { charOffset: 0, charLength: 32 },
                          insertedContent: { text: 'CREATE INDEX CONCURRENTLY ON orders (user_id)' },
                        },
                      ],
                    },
                  ],
                },
              ],
            },
            { ruleId: 'no-json-column', level: 'warning' },
            { ruleId: 'no-syntax-error', level: 'error' },
          ],
        },
      ],
    });
  });

  test.each([
    ['/srv/a b/c.sql', 'file:///srv/a%20b/c.sql'],
    ['C:/srv/c#.sql', 'file:///C:/srv/c%23.sql'],
    ['db/ü.sql', 'db/%C3%BC.sql'],
  ])('a path is a URI: %s', (path, uri) => {
    expect(written('sarif', lintThem(), () => path)).toContain(`"uri": "${uri}"`);
  });
});

describe('github', () => {
  test('one command a finding, with columns only within one line', () => {
    expect(written('github', lintThem()).split('\n')).toEqual([
      expect.stringMatching(
        /^::error file=db\/0002_a b\.sql,line=1,endLine=1,col=1,endColumn=33,title=require-concurrent-index::This holds a SHARE lock.*%0A%0ACREATE INDEX CONCURRENTLY ON orders \(user_id\);$/,
      ),
      expect.stringMatching(/^::warning file=db\/0002_a b\.sql,line=2,endLine=3,title=no-json-column::/),
      expect.stringMatching(
        /^::error file=db\/0002_a b\.sql,line=4,endLine=4,col=1,endColumn=6,title=no-syntax-error::/,
      ),
      '3 findings in 2 files.',
      '',
    ]);
  });

  test('nothing in a finding can be taken for another command or property', () => {
    const [line, ...rest] = written('github', nastyResult).split('\n');
    expect(rest).toEqual(['1 finding in 1 file.', '']);
    expect(line).toMatch(
      /^::error file=db\/a%3Ab%2Cc%25d <&"'>\.sql,line=3,endLine=4,title=no-cascade::Ends: 100%25%0D%0A::error/,
    );
    expect(line).toContain('::error::no, <b> & "q" \'s\' ]]> \uFFFD\uFFFD[31m \uFFFD \uFFFD `x` _y_ | z');
  });
});

test('gitlab: an issue for each, whose name survives when lines move', () => {
  const issues: unknown = JSON.parse(written('gitlab', lintThem()));
  expect(issues).toMatchObject([
    {
      check_name: 'require-concurrent-index',
      severity: 'major',
      description: expect.stringContaining('SHARE lock on orders'),
      location: { path: 'db/0002_a b.sql', lines: { begin: 1, end: 1 } },
    },
    { check_name: 'no-json-column', severity: 'minor', location: { lines: { begin: 2, end: 3 } } },
    { check_name: 'no-syntax-error', severity: 'major' },
  ]);
  expect(written('gitlab', { findings: [], files: 1, statements: 1 })).toBe('[]\n');
});

describe('junit', () => {
  test('a suite for each file; errors fail, warnings speak', () => {
    const text = written('junit', lintThem());
    expect(text).toContain('<testsuites name="migrate lint" tests="4" failures="2" errors="0">');
    expect(text).toContain('<testcase name="no findings" classname="db/0001_orders.sql"/>');
    expect(text).toContain('<testsuite name="db/0002_a b.sql" tests="3" failures="2" errors="0">');
    expect(text).toMatch(/name="no-json-column \(2:1\)"[^>]*>\n {6}<system-out>warning: db/);
  });

  test('stays one well-formed document whatever is in it', () => {
    const text = written('junit', nastyResult);
    expect(text).not.toMatch(/[^\P{Cc}\r\n]|\p{Cs}/u);
    expect(text).toContain('db/a:b,c%d &lt;&amp;&quot;&apos;&gt;.sql');
    expect(text).toContain('100%&#13;&#10;::error::no, &lt;b&gt; &amp; &quot;q&quot; &apos;s&apos; ]]&gt; ');
    // Nothing but our own elements is left.
    expect(new Set([...text.matchAll(/<\/?([^\s/>?]+)/g)].map(([, name]) => name))).toEqual(
      new Set(['?xml', 'testsuites', 'testsuite', 'testcase', 'failure'].slice(1)),
    );
  });
});

test('gcc: one line each, whatever the message', () => {
  expect(written('gcc', lintThem()).split('\n')[0]).toMatch(
    /^db\/0002_a b\.sql:1:1: error: This holds a SHARE lock .* \[require-concurrent-index\]$/,
  );
  expect(written('gcc', nastyResult).trimEnd().split('\n')).toHaveLength(1);
  expect(written('gcc', { findings: [], files: 1, statements: 1 })).toBe('');
});

describe('markdown', () => {
  test('names and SQL stay what they are', () => {
    const text = written('markdown', nastyResult);
    expect(text).toContain('1 error in 1 file.');
    expect(text).toContain('\\<b\\>');
    expect(text).toContain('\\`x\\` \\_y\\_ \\| z');
    expect(text).toContain('````sql\nDROP TABLE "```";\n````');
  });

  test('fits into one comment', () => {
    const findings = Array.from({ length: 2_000 }, () => nasty);
    const text = written('markdown', { findings, files: 1, statements: 1 });
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/… and \d+ more, which do not fit here\.\n$/);
  });

  test('says so when there is nothing', () => {
    expect(written('markdown', { findings: [], files: 3, statements: 1 })).toContain('No findings in 3 files.');
  });
});

describe('a fingerprint', () => {
  const of = (source: string): readonly string[] => {
    const { findings } = lintFiles({ files: [{ path: 'm.sql', source }], rules, version: 17, transactionMode: 'none' });
    return findingFingerprints(findings, identity);
  };

  test('stays when lines and layout change', () => {
    expect(of('-- new\nSELECT 1;\n\nCREATE INDEX\n  ON t (a);')).toEqual(of('CREATE INDEX ON t (a);'));
  });

  test('differs by statement, file and rule', () => {
    expect(of('CREATE INDEX ON t (b);')).not.toEqual(of('CREATE INDEX ON t (a);'));
    expect(findingFingerprints([nasty], () => 'x')).not.toEqual(findingFingerprints([nasty], () => 'y'));
    expect(findingFingerprints([{ ...nasty, rule: 'x' }], identity)).not.toEqual(
      findingFingerprints([nasty], identity),
    );
  });

  test('is its own for each of two equal statements', () => {
    const both = of('CREATE INDEX ON t (a);\nCREATE INDEX ON t (a);');
    expect(new Set(both).size).toBe(2);
    expect(both[0]).toBe(of('CREATE INDEX ON t (a);')[0]);
  });
});
