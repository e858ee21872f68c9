/**
 * Rows that cannot be changed, scattered through a table: a check refuses some, a trigger makes others fail or raises.
 * Workers that look for them are killed in the middle of it. Each such row is noted once, all others are changed once,
 * and when the rows are mended, `retry` finishes.
 */
import { expect, test } from 'vitest';
import type { RunOptions } from '../../src/index.ts';
import { withDatabase } from '../support/server.ts';
import { on } from '../support/standby.ts';
import { expectEachOnce, makeCounters } from './counters.ts';
import { countFaults, faults } from './fault-count.ts';
import { lives, type Life, type Role } from './lives.ts';

const processes = lives();
const rows = 6_000;

/** 23514 from a check, 22012 and P0001 from a trigger. */
const poison = (name: string): string => `
  alter table ${name} add constraint ${name}_poison check (n = 0 or id % 500 <> 7) not valid;
  create function ${name}_poison() returns trigger language plpgsql as $$
  begin
    if new.n > old.n and new.id % 500 = 250 then
      new.app := 1 / (new.n - 1);
    elsif new.n > old.n and new.id % 500 = 333 then
      raise exception 'the row % is not to be changed', new.id;
    end if;
    return new;
  end $$;
  create trigger poison before update on ${name} for each row execute function ${name}_poison()`;

test('rows that cannot be changed, and workers that are killed while they look for them', async (context) => {
  const wanted = faults(16);
  const count = countFaults(context, 'a worker killed among rows that cannot be changed');
  await withDatabase(async ({ url }) => {
    for (let number = 1; count.injected() < wanted; number += 1) {
      count.run();
      const counters = { url, name: `counters_${number}`, rows };
      await makeCounters(counters);
      await on(url, (client) => client.query(poison(counters.name)));
      const options: RunOptions = {
        databaseUrl: url,
        waitForRunnerMs: 60_000,
        backfills: { rowsPerChunk: 1_000, onError: 'quarantine' },
      };
      const live = (role: Role): Life => {
        let isDoomed = false;
        const life = processes.start(role, options, (event, child) => {
          if (isDoomed || count.injected() >= wanted) return;
          if (event.kind !== 'backfill_quarantined' && event.kind !== 'backfill_batch') return;
          isDoomed = true;
          setTimeout(() => child.kill('SIGKILL'), Math.random() * 400);
        });
        void life.ended.then((end) => end === 'killed' && count.fault());
        return life;
      };
      const others = processes.keep(2, () => live('join'));
      let end = await live('lead').ended;
      while (end === 'killed') end = await live('lead').ended;
      expect(end).toBe('rows_left_out');
      await others.end();
      await on(url, async (client) => {
        const { rows: found } = await client.query(
          `select (select count(*)::int from ${counters.name} where n = 1) as once,
                  (select count(*)::int from ${counters.name} where n > 1) as wrong,
                  (select array_agg(distinct sqlstate order by sqlstate) from onward.backfill_quarantine
                    where migration = $1) as states,
                  (select count(*)::int from onward.backfill_quarantine where migration = $1) as noted,
                  (select count(distinct key)::int from onward.backfill_quarantine where migration = $1) as keys`,
          [counters.name],
        );
        expect(found).toEqual([
          { once: rows - 36, wrong: 0, states: ['22012', '23514', 'P0001'], noted: 36, keys: 36 },
        ]);
        await client.query(`alter table ${counters.name} drop constraint ${counters.name}_poison;
          drop trigger poison on ${counters.name}; drop function ${counters.name}_poison()`);
      });
      expect(await processes.start('retry', options).ended).toBe('ended');
      await expectEachOnce(counters);
      count.right();
    }
  });
});
