/**
 * Columns that take the place of others: what becomes of each kind of write while both versions run, told row by row. The
 * rows are those of the case several/exchange-lossy, whose way back does not give everything back.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { openCaseDatabase, type CaseDatabase } from './harness/case-database.ts';
import { readAllCases } from './harness/case-file.ts';
import { planCase, runVerb } from './harness/lifecycle.ts';

let database: CaseDatabase;
let plan: Plan;

beforeAll(async () => {
  await loadParser();
  database = await openCaseDatabase();
});

beforeEach(async () => {
  const operationCase = readAllCases().find(({ id }) => id === 'several/exchange-lossy');
  if (operationCase === undefined) throw new Error('The case several/exchange-lossy is gone.');
  await database.prepare(operationCase);
  plan = await planCase(database, operationCase);
  await runVerb(database, 'expand', plan);
});

afterAll(async () => {
  await database.drop();
});

async function run(statement: string): Promise<void> {
  await database.client.query(statement);
}

/** Name, first name and last name, as one text. */
async function row(id: number): Promise<string> {
  const { rows } = await database.client.query<{ text: string }>(
    `select format('%s: %s, %s', coalesce(name, '-'), coalesce(first_name, '-'), coalesce(last_name, '-')) as text
      from users where id = $1`,
    [id],
  );
  return rows[0]?.text ?? 'no row';
}

describe('a row that is not filled yet', () => {
  test('is filled by the backfill, which leaves the old side alone', async () => {
    expect(await row(1)).toBe('First1 Second Third: -, -');
    await runVerb(database, 'backfill', plan);
    expect(await row(1)).toBe('First1 Second Third: First1, Second');
  });

  test('is filled by any write, which leaves the old side alone', async () => {
    await run('update users set seen = 1 where id = 1');
    expect(await row(1)).toBe('First1 Second Third: First1, Second');
  });

  test('gets the rest filled when the new version writes a part of it', async () => {
    await run("update users set last_name = 'New' where id = 1");
    expect(await row(1)).toBe('First1 New: First1, New');
    await runVerb(database, 'backfill', plan);
    expect(await row(1)).toBe('First1 New: First1, New');
  });
});

describe('a row that is filled', () => {
  beforeEach(async () => {
    await runVerb(database, 'backfill', plan);
  });

  test('follows the old version, and not what else it writes', async () => {
    await run("update users set name = 'Other Name Again' where id = 1");
    expect(await row(1)).toBe('Other Name Again: Other, Name');
    await run('update users set seen = 2 where id = 1');
    expect(await row(1)).toBe('Other Name Again: Other, Name');
  });

  test('follows the new version', async () => {
    await run("update users set first_name = 'New' where id = 1");
    expect(await row(1)).toBe('New Second: New, Second');
  });

  test('may lose all of it to either version', async () => {
    await run('update users set first_name = null, last_name = null where id = 1');
    await run('update users set name = null where id = 2');
    await run('update users set seen = 1 where id in (1, 2)');
    expect([await row(1), await row(2)]).toEqual(['-: -, -', '-: -, -']);
  });

  test('takes both sides when they fit together, and neither when they do not', async () => {
    await run("update users set name = 'A B C', first_name = 'A', last_name = 'B' where id = 1");
    await run("update users set name = 'D E', first_name = 'D', last_name = 'E' where id = 2");
    expect([await row(1), await row(2)]).toEqual(['A B C: A, B', 'D E: D, E']);
    await expect(run("update users set name = 'A', first_name = 'B' where id = 1")).rejects.toMatchObject({
      code: '23000',
    });
  });
});

describe('a new row', () => {
  test('is taken from the side that is given', async () => {
    await run("insert into users (id, name) values (1001, 'A B C')");
    await run("insert into users (id, last_name) values (1002, 'L')");
    await run('insert into users (id) values (1003)');
    expect([await row(1001), await row(1002), await row(1003)]).toEqual(['A B C: A, B', 'L: -, L', '-: -, -']);
  });

  test('is refused when both sides are given and do not fit together', async () => {
    await run("insert into users (id, name, first_name, last_name) values (1001, 'A B C', 'A', 'B')");
    expect(await row(1001)).toBe('A B C: A, B');
    await expect(run("insert into users (id, name, first_name) values (1002, 'A B', 'C')")).rejects.toMatchObject({
      code: '23000',
    });
  });

  test('may be one that is there already', async () => {
    const upsert = 'on conflict (id) do update set first_name = excluded.first_name';
    await run(`insert into users (id, first_name) values (1, 'Up') ${upsert}`);
    expect(await row(1)).toBe('Up Second: Up, Second');
  });
});

test('writers of both versions meet at one row, and each sees what the other one wrote', async () => {
  await runVerb(database, 'backfill', plan);
  const old = await database.connect('old');
  const next = await database.connect('new');
  try {
    await old.query('begin');
    await old.query("update users set name = 'Old Name' where id = 1");
    const waiting = next.query("update users set last_name = last_name || '!' where id = 1");
    await old.query('commit');
    await waiting;
    expect(await row(1)).toBe('Old Name!: Old, Name!');
  } finally {
    await old.end();
    await next.end();
  }
});
