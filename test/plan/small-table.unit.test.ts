/** On a small table the plain statement takes the place of careful steps, unless these keep two versions apart. */
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyCatalog, type Catalog } from '../../src/catalog/model.ts';
import { defaultPlanOptions, foldMigrations, planMigrations } from '../../src/plan/planner.ts';
import { loadParser } from '../../src/sql/parse.ts';

let catalog: Catalog;

beforeAll(async () => {
  await loadParser();
  const source = 'create table users (id bigint primary key, email text, legacy text not null)';
  const folded = foldMigrations([{ name: 'given', path: 'given.sql', source, checksum: '' }], emptyCatalog(18));
  const tables = [...folded.tables].map(
    ([key, table]) => [key, { ...table, estimate: { rows: 10, bytes: 8_192 } }] as const,
  );
  catalog = { ...folded, tables: new Map(tables) };
});

function phasesOf(source: string): readonly string[] {
  const migrations = [{ name: '1', path: '1.sql', source, checksum: '' }];
  const { plan } = planMigrations({ migrations, catalog, fingerprint: null, options: defaultPlanOptions });
  return plan.migrations.flatMap(({ steps }) => steps.map(({ phase }) => phase));
}

describe('a small table', () => {
  test('has its steps of one phase made one statement', () => {
    expect(phasesOf('alter table users alter email set not null')).toEqual(['contract', 'contract']); // with the gate
  });

  test.each([
    ['a renamed table has both names until contract', 'alter table users rename to people'],
    ['a column renamed by a view has both names', '-- migrate:strategy view\nalter table users rename email to mail'],
    ['a required column may be left out before it is dropped', 'alter table users drop column legacy'],
  ])('%s', (_title, source) => {
    expect(phasesOf(source)).toEqual(['expand', 'contract']);
  });
});
