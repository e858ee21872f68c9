/** Files that are phased by hand: a rule is told in which phase a statement runs, and a wrong marker is a finding. */
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { found, lintSql } from './lint-sql.ts';

beforeAll(loadParser);

const before = 'CREATE TABLE users (id bigint PRIMARY KEY, name text);';

describe('sections', () => {
  test('a rename breaks the running version in expand, and not in contract', () => {
    const rename = 'ALTER TABLE users RENAME COLUMN name TO full_name;';
    expect(found(`-- migrate:expand\n${rename}`, { before })).toEqual(['no-rename-column:2']);
    expect(found(`-- migrate:contract\n${rename}`, { before })).toEqual([]);
    expect(found(rename, { before })).toEqual(['no-rename-column:1']);
  });

  test('each section is judged with the statements above it', () => {
    const sql = `-- migrate:expand
CREATE TABLE notes (id bigint PRIMARY KEY, author bigint);
-- migrate:contract
CREATE INDEX ON notes (author);
CREATE INDEX ON users (name);`;
    expect(found(sql, { before })).toEqual(['require-concurrent-index:5']);
  });

  test('the way back is left out', () => {
    const sql = '-- migrate:expand\nSELECT 1;\n-- migrate:rollback\nALTER TABLE users RENAME COLUMN name TO n;';
    expect(found(sql, { before })).toEqual([]);
  });

  test('a marker that is wrong is reported where it stands, and the rest is linted', () => {
    const sql = `-- migrate:expand
SELECT 1;
-- migrate:expand
CREATE INDEX ON users (name);`;
    const { findings } = lintSql(sql, { before });
    expect(findings.map(({ rule, line }) => `${rule}:${line}`)).toEqual([
      'no-syntax-error:3',
      'require-concurrent-index:4',
    ]);
    expect(findings[0]?.message).toBe(
      'This directive is not understood: the section "expand" stands twice, also on line 1.',
    );
  });
});
