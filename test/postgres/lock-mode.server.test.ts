import { expect, test } from 'vitest';
import {
  blocksReads,
  blocksRowLocks,
  blocksWrites,
  conflicts,
  lockModes,
  pgLocksSpelling,
} from '../../src/postgres/lock-mode.ts';
import { sqlstate, sqlstateOf } from '../../src/postgres/sqlstate.ts';
import { withDatabase } from '../support/server.ts';

test('the conflict matrix is the server’s, pair by pair', async () => {
  await withDatabase(async (database) => {
    const holder = await database.connect();
    const asker = await database.connect();
    await holder.query('create table t (a int primary key); insert into t values (1)');
    const isRefused = async (statement: string): Promise<boolean> => {
      await asker.query('begin');
      try {
        await asker.query(statement);
        return false;
      } catch (error) {
        if (sqlstateOf(error) !== sqlstate.lockNotAvailable) throw error;
        return true;
      } finally {
        await asker.query('rollback');
      }
    };
    for (const held of lockModes) {
      await holder.query('begin');
      await holder.query(`lock table t in ${held} mode`);
      const { rows } = await holder.query<{ mode: string }>(
        `select mode from pg_locks where relation = 't'::regclass and pid = pg_backend_pid()`,
      );
      expect(rows).toEqual([{ mode: pgLocksSpelling(held) }]);
      for (const wanted of lockModes) {
        expect({ held, wanted, waits: await isRefused(`lock table t in ${wanted} mode nowait`) }).toEqual({
          held,
          wanted,
          waits: conflicts(held, wanted),
        });
      }
      await asker.query(`set lock_timeout = '20ms'`);
      expect({ held, reads: await isRefused('select * from t') }).toEqual({ held, reads: blocksReads(held) });
      expect({ held, writes: await isRefused('update t set a = 1') }).toEqual({ held, writes: blocksWrites(held) });
      expect({ held, rows: await isRefused('select * from t for update') }).toEqual({
        held,
        rows: blocksRowLocks(held),
      });
      await asker.query('reset lock_timeout');
      await holder.query('rollback');
    }
  });
});
