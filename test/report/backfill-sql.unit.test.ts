/** A job as one statement, for people: with all that it reads, and what it works out once under its name. */
import { expect, test } from 'vitest';
import type { BackfillRun } from '../../src/operations/step-draft.ts';
import { backfillSql } from '../../src/report/backfill-sql.ts';

const run: BackfillRun = {
  kind: 'backfill',
  table: { schema: 'public', name: 'users' },
  alias: 'u',
  command: 'update',
  set: [{ column: 'Plan', expression: '(SELECT value_1 FROM onward_once)' }],
  where: 't.id = u.team_id',
  guard: null,
  verify: null,
  batchSize: null,
  pauseMs: null,
  beside: { from: ['t', 'plans AS p'], with: ['t AS (SELECT id FROM teams)'] },
  once: [{ column: 'value_1', query: '(SELECT max(id) FROM plans)' }],
};

test('an update with all that it reads', () => {
  expect(backfillSql(run)).toBe(
    'WITH onward_once AS (SELECT (SELECT max(id) FROM plans) AS value_1), t AS (SELECT id FROM teams) ' +
      'UPDATE public.users AS u SET "Plan" = (SELECT value_1 FROM onward_once) FROM t, plans AS p WHERE t.id = u.team_id',
  );
});

test('a delete reads by USING', () => {
  expect(backfillSql({ ...run, command: 'delete', set: [], once: [] })).toBe(
    'WITH t AS (SELECT id FROM teams) DELETE FROM public.users AS u USING t, plans AS p WHERE t.id = u.team_id',
  );
});

test('an insert is what the person wrote', () => {
  const insert = {
    into: { schema: 'public', name: 'copies' },
    statement: 'insert into copies select id from users',
    ofBatch: '',
    columns: ['id'],
  };
  expect(backfillSql({ ...run, command: 'insert', insert })).toBe(insert.statement);
});
