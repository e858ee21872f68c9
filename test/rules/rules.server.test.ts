/** Documentation cannot hold SQL that does not run: every block of every rule's README runs on a real server. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rules } from '../../rules/index.ts';
import { applyFixes } from '../../src/lint/fix.ts';
import { lintFiles } from '../../src/lint/lint-files.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { emptyDatabase } from '../support/empty-database.ts';
import { createTestDatabase, serverVersion, type TestDatabase } from '../support/server.ts';
import { readRuleReadme, ruleFolders, timeoutsFor } from './rule-readme.ts';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  await loadParser();
  database = await createTestDatabase();
  client = await database.connect();
});

beforeEach(() => client.query(emptyDatabase));

afterAll(() => database.drop());

/** One by one, as a tool without a transaction around the file does; together they would be one transaction. */
async function run(sql: string): Promise<void> {
  for (const statement of parseStatements(sql)) await client.query(statement.text);
}

describe.each(ruleFolders)('%s', (id) => {
  const { blocks } = readRuleReadme(id);

  test.each(blocks)('$name runs, or is refused where it says so', async ({ setup, sql, isRefused, before }) => {
    await run(setup);
    const refused = await run(sql).then(
      () => false,
      () => true,
    );
    expect(refused).toBe(isRefused && (before === null || serverVersion() < before));
  });

  test.each(blocks.filter(({ kind }) => kind === 'bad'))(
    'what is written instead of $name runs',
    async ({ setup, sql, isRefused, before }) => {
      const { findings } = lintFiles({
        files: [{ path: 'migration.sql', source: sql }],
        history: [{ path: 'setup.sql', source: setup }],
        rules,
        version: before === null ? serverVersion() : Math.min(serverVersion(), before - 1),
        transactionMode: 'none',
        timeouts: timeoutsFor(id),
        // The other strict rules have their say about a block of their own.
        severities: Object.fromEntries(rules.filter((rule) => rule.id === id).map((rule) => [id, rule.severity])),
      });
      const { source, fixed } = applyFixes(sql, findings);
      const repaired = isRefused && fixed.length === 0 ? [] : [source];
      for (const text of [...findings.map(({ instead }) => instead?.sql ?? ''), ...repaired]) {
        await client.query(emptyDatabase);
        await run(setup);
        await expect(run(text)).resolves.toBeUndefined();
      }
    },
  );
});
