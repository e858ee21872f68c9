import { describe, expect, test } from 'vitest';
import {
  blocksReads,
  blocksWrites,
  conflicts,
  lockModeFromPgLocks,
  lockModes,
  pgLocksSpelling,
  strongest,
  whoWaits,
} from '../../src/postgres/lock-mode.ts';

describe('lock modes', () => {
  test('exclude each other in both directions', () => {
    for (const a of lockModes) for (const b of lockModes) expect(conflicts(a, b)).toBe(conflicts(b, a));
  });

  test('SHARE does not exclude itself, SHARE UPDATE EXCLUSIVE does', () => {
    expect(conflicts('SHARE', 'SHARE')).toBe(false);
    expect(conflicts('SHARE UPDATE EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE')).toBe(true);
  });

  test('have a strongest one', () => {
    expect(strongest(['ROW SHARE', 'SHARE', 'ACCESS SHARE'])).toBe('SHARE');
    expect(strongest([])).toBeNull();
  });

  test('go to and fro the spelling of pg_locks', () => {
    expect(pgLocksSpelling('SHARE UPDATE EXCLUSIVE')).toBe('ShareUpdateExclusiveLock');
    for (const mode of lockModes) expect(lockModeFromPgLocks(pgLocksSpelling(mode))).toBe(mode);
    expect(() => lockModeFromPgLocks('SIReadLock')).toThrow(/not a table lock mode/);
  });

  test.each([
    ['ACCESS SHARE', 'nobody who reads or writes waits'],
    ['SHARE UPDATE EXCLUSIVE', 'nobody who reads or writes waits'],
    ['SHARE', 'writes wait, reads go on'],
    ['SHARE ROW EXCLUSIVE', 'writes wait, reads go on'],
    ['EXCLUSIVE', 'writes and SELECT … FOR UPDATE wait, plain reads go on'],
    ['ACCESS EXCLUSIVE', 'all reads and writes wait'],
  ] as const)('%s: %s', (mode, sentence) => {
    expect(whoWaits(mode)).toBe(sentence);
  });

  test('that stop reads also stop writes', () => {
    expect(lockModes.filter((mode) => blocksReads(mode) && !blocksWrites(mode))).toEqual([]);
  });
});
