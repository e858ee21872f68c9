/** How much a step has to do, from the sizes that a live database tells. */
import { beforeAll, describe, expect, test } from 'vitest';
import { updateTable } from '../../src/catalog/edit.ts';
import { emptyCatalog, type Catalog, type Table } from '../../src/catalog/model.ts';
import { foldMigrations, planMigrations } from '../../src/plan/planner.ts';
import type { Step } from '../../src/plan/plan.ts';
import { loadParser } from '../../src/sql/parse.ts';

const users = { schema: 'public', name: 'users' };
const million = 1_000_000;
const gigabyte = 1_000_000_000;

const large = { rows: 40 * million, bytes: 12 * gigabyte, heapBytes: 8 * gigabyte, attributes: 3 };

let folded: Catalog;

beforeAll(async () => {
  await loadParser();
  const source = 'create table users (id bigint primary key, email text, n int)';
  folded = foldMigrations([{ name: 'given', path: 'given.sql', source, checksum: '' }], emptyCatalog(18));
});

function planned(sql: string, estimate: Table['estimate'] = large) {
  const catalog = updateTable(folded, users, (table) => ({ ...table, estimate }));
  return planMigrations({
    migrations: [{ name: '0001_change', path: '0001_change.sql', source: sql, checksum: '' }],
    catalog,
    fingerprint: null,
    options: { smallTable: null, unused: false },
  }).plan;
}

function stepsOf(sql: string, estimate: Table['estimate'] = large): readonly Step[] {
  return planned(sql, estimate).migrations.flatMap(({ steps }) => steps);
}

describe('a step', () => {
  test('that takes milliseconds has nothing to tell', () => {
    expect(stepsOf('alter table users add column phone text').map(({ estimate }) => estimate)).toEqual([null]);
    expect(planned('alter table users add column phone text').estimate).toBeNull();
  });

  test('on a table of which nobody knows the size, or that is empty, neither', () => {
    const index = 'create index concurrently on users (n)';
    expect(stepsOf(index, null)[0]?.estimate).toBeNull();
    expect(stepsOf(index, { rows: 0, bytes: 0, heapBytes: 0, attributes: 3 })[0]?.estimate).toBeNull();
  });

  test('that builds an index needs room for it', () => {
    const [step] = stepsOf('create index concurrently on users (n)');
    expect(step?.estimate).toMatchObject({ rows: 40 * million, bytes: 12 * gigabyte, batches: null, takes: 'minutes' });
    // 8 bytes of key, 12 of overhead, a tenth left free: 890 MB
    expect(step?.estimate?.extraBytes).toBeGreaterThan(0.8 * gigabyte);
    expect(step?.estimate?.extraBytes).toBeLessThan(gigabyte);
    expect(step?.estimate?.walBytes).toBe(step?.estimate?.extraBytes);
  });

  test('a column of unknown width has what the other columns leave of the row', () => {
    const wide = stepsOf('create index concurrently on users (email)', { ...large, heapBytes: 40 * gigabyte });
    const narrow = stepsOf('create index concurrently on users (email)', { ...large, heapBytes: 2 * gigabyte });
    expect(wide[0]?.estimate?.extraBytes).toBeGreaterThan(30 * gigabyte);
    expect(narrow[0]?.estimate?.extraBytes).toBeLessThan(2 * gigabyte);
  });

  test('that validates reads the table and needs no room', () => {
    const validate = stepsOf('alter table users add check (n > 0)').find(({ title }) => title.startsWith('Check that'));
    expect(validate?.estimate).toMatchObject({ rows: 40 * million, takes: 'seconds', extraBytes: 0, walBytes: 0 });
  });

  test('that counts rows reads them', () => {
    const [gate] = stepsOf('alter table users add check (n > 0)');
    expect(gate?.run.kind).toBe('gate');
    expect(gate?.estimate).toMatchObject({ rows: 40 * million, extraBytes: 0 });
  });

  test('that fills rows writes the whole table once more', () => {
    const backfill = stepsOf('alter table users alter column n type bigint').find(({ phase }) => phase === 'backfill');
    expect(backfill?.estimate).toEqual({
      rows: 40 * million,
      bytes: 12 * gigabyte,
      batches: 20_000,
      takes: 'minutes',
      extraBytes: 12 * gigabyte,
      walBytes: 20 * gigabyte,
    });
  });

  test('that deletes leaves nothing behind', () => {
    const [step] = stepsOf('delete from users where n < 0');
    expect(step?.estimate).toMatchObject({ extraBytes: 0, batches: 20_000 });
  });

  test('batches and pauses of migrate:batch count', () => {
    const [step] = stepsOf('-- migrate:batch size=1000 pause=2000\nupdate users set n = 0 where n is null');
    expect(step?.estimate).toMatchObject({ batches: 40_000, takes: 'hours' });
  });

  test('that writes the table anew needs it a second time', () => {
    const sql = '-- migrate:raw -- at night\nalter table users add column k int generated always as identity';
    expect(stepsOf(sql)[0]?.estimate).toMatchObject({ extraBytes: 12 * gigabyte, walBytes: 12 * gigabyte });
  });
});

test('the plan has the sum', () => {
  const { estimate, migrations } = planned('alter table users alter column n type bigint');
  const steps = migrations.flatMap(({ steps }) => steps);
  expect(estimate?.extraBytes).toBe(steps.reduce((sum, step) => sum + (step.estimate?.extraBytes ?? 0), 0));
  expect(estimate?.walBytes).toBe(20 * gigabyte);
});

describe('the columns that a table can ever have', () => {
  const withAttributes = (attributes: number) => ({ ...large, attributes });
  const notes = (attributes: number) =>
    stepsOf('alter table users add column phone text', withAttributes(attributes)).flatMap(({ notes: all }) => all);

  test('are no matter until 1200', () => {
    expect(notes(1199)).toEqual([]);
  });

  test('are told after that', () => {
    expect(notes(1200)).toEqual([
      'users has had 1201 of the 1600 columns that a table can ever have: those that were dropped count.',
    ]);
  });

  test('refuse the plan where no number is left, also for a hidden column', () => {
    const change = 'alter table users alter column n type bigint';
    expect(() => stepsOf(change, withAttributes(1599))).not.toThrow();
    expect(() => stepsOf(change, withAttributes(1600))).toThrow('users has no room for another column');
    const two = 'alter table users add column a int; alter table users add column b int';
    expect(() => stepsOf(two, withAttributes(1599))).toThrow('users has no room for another column');
  });
});
