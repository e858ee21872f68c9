/** Each operation has a case at least, and each case a folder that says what it is about. */
import { describe, expect, test } from 'vitest';
import { operations } from '../../src/operations/index.ts';
import { decodeStatement } from '../../src/operations/index.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { readAllCases } from './harness/case-file.ts';

/** They are no changes of a schema: how they are treated is tested by `several/transaction-block` and `several/set-search-path`. */
const withoutCases: ReadonlySet<string> = new Set(['transaction_control', 'set_session']);

const kinds = Object.keys(operations).filter((kind) => !withoutCases.has(kind));
const cases = readAllCases();

describe('each operation is proven', () => {
  test.each(kinds)('%s has a case', (kind) => {
    expect(cases.filter(({ folder }) => folder === kind).length).toBeGreaterThan(0);
  });

  test.each(cases.filter(({ folder }) => folder !== 'several'))(
    '$id holds a change of its kind',
    async (operationCase) => {
      await loadParser();
      const changes = operationCase.changes.flatMap((source) => parseStatements(source).flatMap(decodeStatement));
      const written = operationCase.changes.join('\n').includes('migrate:raw') ? ['raw'] : [];
      expect([...changes.map(({ kind }) => kind), ...written]).toContain(operationCase.folder);
    },
  );

  test('no folder has a name that is no kind', () => {
    const folders = new Set(cases.map(({ folder }) => folder));
    expect([...folders].filter((folder) => folder !== 'several' && !kinds.includes(folder))).toEqual([]);
  });
});
