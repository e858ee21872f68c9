/** An index goes to another tablespace beside everybody, and back again. */
import { beforeAll, expect, test } from 'vitest';
import { blankColumn, blankIndex, blankTable } from '../../src/catalog/blank.ts';
import { addIndex, addTable } from '../../src/catalog/edit.ts';
import { emptyCatalog } from '../../src/catalog/model.ts';
import { defaultPlanOptions } from '../../src/plan/plan-options.ts';
import { planMigrations } from '../../src/plan/planner.ts';
import { loadParser } from '../../src/sql/parse.ts';

beforeAll(loadParser);

test('ALTER INDEX … SET TABLESPACE is built anew concurrently where it is to be', () => {
  const name = { schema: 'public', name: 'users' };
  const users = blankTable(name, { columns: [blankColumn('id', 'bigint')], estimate: { rows: 1e6, bytes: 1e9 } });
  const catalog = addIndex(addTable(emptyCatalog(18), users), name, blankIndex('By Id', 'CREATE INDEX …'));
  const file = { name: 'm', path: 'm.sql', source: 'alter index "By Id" set tablespace "Fast"', checksum: 'c' };
  const { plan } = planMigrations({ migrations: [file], catalog, fingerprint: null, options: defaultPlanOptions });
  const tables = [name];
  expect(plan.migrations.flatMap(({ steps }) => steps)).toMatchObject([
    {
      phase: 'expand',
      locks: [{ table: name, mode: 'SHARE UPDATE EXCLUSIVE' }],
      run: {
        transaction: false,
        statements: ['REINDEX (TABLESPACE "Fast") INDEX CONCURRENTLY public."By Id"'],
        probe: { kind: 'no_invalid_rest', tables },
      },
      undo: { actions: [{ statements: ['REINDEX (TABLESPACE pg_default) INDEX CONCURRENTLY public."By Id"'] }] },
    },
  ]);
});
