/** What writes a table anew as a whole is for small tables only, and says so. */
import { beforeAll, expect, test } from 'vitest';
import { blankColumn, blankTable } from '../../src/catalog/blank.ts';
import { addTable } from '../../src/catalog/edit.ts';
import { emptyCatalog } from '../../src/catalog/model.ts';
import { defaultPlanOptions } from '../../src/plan/plan-options.ts';
import { planMigrations } from '../../src/plan/planner.ts';
import { loadParser } from '../../src/sql/parse.ts';

beforeAll(loadParser);

function stepsOf(source: string, rows: number, bytes: number) {
  const users = blankTable(
    { schema: 'public', name: 'users' },
    { columns: [blankColumn('id', 'bigint')], estimate: { rows, bytes } },
  );
  const file = { name: 'm', path: 'm.sql', source, checksum: 'c' };
  const { plan } = planMigrations({
    migrations: [file],
    catalog: addTable(emptyCatalog(18), users),
    fingerprint: null,
    options: defaultPlanOptions,
  });
  return plan.migrations.flatMap(({ steps }) => steps);
}

test.each([
  ['alter table users set unlogged', 'expand'],
  ['vacuum full users', 'expand'],
  ['cluster users using users_pkey', 'expand'],
  ['alter table users add column twice bigint generated always as (id * 2) stored', 'expand'],
  ['alter table users add constraint apart exclude (id with =)', 'contract'],
])('%s runs as written on a small table, and is refused on a large one', (statement, phase) => {
  expect(stepsOf(statement, 100, 8192)).toMatchObject([{ phase, exemption: 'small table' }]);
  const refused = expect.objectContaining({ code: 'CANNOT_PLAN' });
  expect(() => stepsOf(statement, 100_000, 8192)).toThrow(refused);
  expect(() => stepsOf(statement, 100, 10_000_000)).toThrow(refused);
});
