import { describe, expect, test } from 'vitest';
import { defaultConfig, resolveConfig } from '../../src/config.ts';
import { MigrateError } from '../../src/errors.ts';

const file = (text: string, within: string | null = null) => ({ file: 'onward.config.json', text, within });

function refusal(text: string, within: string | null = null): MigrateError {
  try {
    resolveConfig(file(text, within));
  } catch (error) {
    if (error instanceof MigrateError) return error;
  }
  throw new Error('Expected a MigrateError.');
}

describe('the config', () => {
  test('has defaults for everything', () => {
    expect(resolveConfig(null)).toEqual(defaultConfig);
    expect(resolveConfig(file('{}'))).toEqual(defaultConfig);
  });

  test('flags and environment win over the file, the file over the defaults', () => {
    const text = '{ "$schema": "x", "dir": "db", "pgVersion": "15.0", "rules": { "no-rename-column": "off" } }';
    expect(resolveConfig(file(text), { dir: 'other', databaseUrl: undefined })).toEqual({
      ...defaultConfig,
      dir: 'other',
      pgVersion: 15,
      rules: { 'no-rename-column': 'off' },
    });
  });

  test('stands in package.json under "onward"', () => {
    expect(resolveConfig(file('{ "dir": "no", "onward": { "dir": "yes" } }', 'onward')).dir).toBe('yes');
  });

  test('an unknown key is shown where it stands, with the name that was meant', () => {
    const error = refusal('{\n  "dir": "dri",\n  "rules": { "smalTableRows": "off" },\n  "smalTableRows": 5\n}');
    expect(error.code).toBe('BAD_CONFIG');
    expect(error.message).toBe(
      'onward.config.json:4:3: There is no setting "smalTableRows". Did you mean "smallTableRows"?',
    );
  });

  test('an unknown key in package.json is shown where it stands', () => {
    const text = '{\n  "nothing": {},\n  "onward": {\n    "nothing": 1\n  }\n}';
    expect(refusal(text, 'onward').message).toBe('onward.config.json:4:5: There is no setting "nothing".');
  });

  test.each([
    ['{ "pgVersion": 9 }', 'which is not a major version of Postgres'],
    ['{ "smallTableRows": -1 }', 'which is not a number of rows, 0 or more'],
    ['{ "values": { "a": 1 } }', 'with values of one line'],
    ['{ "rules": { "a": "loud" } }', 'with the levels off, info, warning and error'],
    ['{ "dir": "" }', 'which is not the path of a folder'],
    ['[]', 'is not an object'],
    ['{ "dir": "a", }', 'is not valid JSON'],
  ])('%s is refused', (text, message) => {
    expect(refusal(text).message).toContain(message);
  });

  test('holds the limits of what slows a backfill down', () => {
    const backfill = {
      nice: 0.5,
      signals: {
        replicaLag: { limitMs: 5_000, limitBytes: null, standbys: ['replica-1'] },
        walRate: { limitBytesPerSecond: 5e7 },
        tableSize: false,
        queries: { 'orders queue': { sql: 'select 1 as value, 2 as limit', everyMs: 500, optional: true } },
        httpChecks: { status: { url: 'https://status.example.com/' } },
      },
    };
    expect(resolveConfig(file(JSON.stringify({ backfill }))).backfill).toEqual(backfill);
  });

  test.each([
    [
      '{\n  "backfill": {\n    "signals": { "replicaLagg": {} } } }',
      '3:18: There is no signal "replicaLagg". Did you mean "replicaLag"?',
    ],
    [
      '{ "backfill": {\n  "signals": { "replicaLag": {\n    "limitms": 5 } } } }',
      '3:5: There is no setting "limitms". Did you mean "limitMs"?',
    ],
    ['{ "backfill": { "nicee": 5 } }', '1:17: There is no setting "nicee". Did you mean "nice"?'],
    ['{ "backfill": { "nice": -1 } }', '1:17: "nice" is -1, which is not a number from 0 to 100.'],
    ['{ "backfill": true }', '1:3: "backfill" is true, which is not an object like'],
    [
      '{ "backfill": { "signals": { "deadRows": true } } }',
      '1:30: "deadRows" is true, which is not false, or an object',
    ],
    [
      '{ "backfill": { "signals": { "deadRows": { "limitPercent": "20" } } } }',
      '1:44: "limitPercent" is "20", which is',
    ],
    ['{ "backfill": { "signals": { "replicaLag": { "standbys": "a" } } } }', 'which is not a list of names'],
    ['{ "backfill": { "signals": { "queries": { "a": {} } } } }', '1:43: "a" is {}, which is not an object with "sql"'],
    ['{ "backfill": { "signals": { "queries": { "deadRows": { "sql": "x" } } } } }', 'is the name of another signal'],
    ['{ "backfill": { "signals": { "httpChecks": { "a": { "url": "ftp://a" } } } } }', 'which is not an address like'],
  ])('%s is refused, with its place', (text, message) => {
    expect(refusal(text).message).toContain(message);
  });
});
