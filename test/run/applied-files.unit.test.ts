import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { MigrationFile } from '../../src/plan/migration-file.ts';
import { compareWithLedger, pendingFiles } from '../../src/run/applied-files.ts';

function file(name: string, source = `-- ${name}`): MigrationFile {
  const checksum = createHash('sha256').update(source).digest('hex');
  return { name, path: `migrations/${name}.sql`, source, checksum };
}

const [first, second, third] = [file('0001_a'), file('0002_b'), file('0003_c')];

describe('files against the ledger', () => {
  test('what has not run is pending, in its order', () => {
    expect(pendingFiles([first, second, third], [first])).toEqual([second, third]);
    expect(pendingFiles([first], [first])).toEqual([]);
  });

  test('a file that was edited after it ran is refused, and told to be a new migration', () => {
    const [problem] = compareWithLedger([file('0001_a', 'edited')], [first]).problems;
    expect(problem).toMatchObject({ code: 'CHECKSUM_CHANGED', exitCode: 5 });
    expect(problem?.message).toBe('migrations/0001_a.sql was edited after it ran on this database.');
    expect(problem?.hint).toContain('migrate new');
  });

  test('line endings that git changed are recognised', () => {
    const unix = file('0001_a', 'select 1;\nselect 2;\n');
    const windows = file('0001_a', 'select 1;\r\nselect 2;\r\n');
    expect(compareWithLedger([windows], [unix]).problems[0]?.hint).toContain('.gitattributes');
    expect(compareWithLedger([unix], [windows]).problems[0]?.hint).toContain('.gitattributes');
  });

  test('a file older than the last one that ran is refused', () => {
    const { problems, pending } = compareWithLedger([first, second, third], [first, third]);
    expect(problems.map((problem) => problem.code)).toEqual(['FILE_OUT_OF_ORDER']);
    expect(problems[0]?.message).toContain('it comes before 0003_c, which has');
    expect(pending).toEqual([second]);
  });

  test('a file that ran and is gone is refused', () => {
    expect(() => pendingFiles([second], [first, second])).toThrow('its file is missing from the folder');
  });

  test('a file that ran and was renamed is recognised', () => {
    const renamed = { ...first, name: '0001_z' };
    expect(compareWithLedger([renamed], [first]).problems[0]?.message).toContain('its file is now named 0001_z');
  });
});
