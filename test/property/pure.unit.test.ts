/** What must hold for every migration without any server. */
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyCatalog, type Catalog } from '../../src/catalog/model.ts';
import { MigrateError } from '../../src/errors.ts';
import { applyChange, decodeStatement } from '../../src/operations/index.ts';
import { planMigrations } from '../../src/plan/planner.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { emit, sameTree } from '../../src/sql/emit.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { visit } from '../../src/sql/walk.ts';
import { caseArbitrary } from './generate/case-arbitrary.ts';
import { migrationText, textOf, type GeneratedCase } from './generate/generated-case.ts';

beforeAll(loadParser);

const seed = 1;
const numRuns = 60;
const longestName = 63; // bytes

describe('for every migration', () => {
  test('a statement that is emitted reads back as the same, and is emitted the same again', () => {
    fc.assert(
      fc.property(caseArbitrary(), (generated) => {
        for (const { node } of parseStatements(wholeText(generated))) {
          const [again] = parseStatements(emit(node));
          expect(sameTree(node, again?.node)).toBe(true);
          expect(again === undefined ? null : emit(again.node)).toBe(emit(node));
        }
      }),
      { seed, numRuns },
    );
  });

  test('the same files on the same schema make the same plan', () => {
    fc.assert(
      fc.property(caseArbitrary(), (generated) => {
        const plan = planOf(generated);
        expect(planOf(generated)?.checksum).toBe(plan?.checksum);
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      }),
      { seed, numRuns },
    );
  });

  test('helpers have names of their own that Postgres does not cut', () => {
    fc.assert(
      fc.property(caseArbitrary(), (generated) => {
        const plan = planOf(generated);
        const created = plan === null ? [] : plan.migrations.flatMap(({ steps }) => steps.flatMap(createdHelpers));
        for (const name of created) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(longestName);
      }),
      { seed, numRuns },
    );
  });
});

function wholeText({ given, migrations }: GeneratedCase): string {
  return [...given.map((each) => `${textOf(each)};`), ...migrations.map(migrationText)].join('\n');
}

/** Null where it is refused. */
function planOf({ given, migrations }: GeneratedCase): Plan | null {
  let catalog: Catalog = emptyCatalog(18);
  for (const statement of given.flatMap((each) => parseStatements(textOf(each))))
    for (const change of decodeStatement(statement)) catalog = applyChange(catalog, change);
  const files = migrations.map((statements, index) => {
    const source = migrationText(statements);
    const name = `000${index + 1}_random`;
    return { name, path: `${name}.sql`, source, checksum: createHash('sha256').update(source).digest('hex') };
  });
  try {
    const options = { smallTable: null, unused: false };
    return planMigrations({ migrations: files, catalog, fingerprint: null, options }).plan;
  } catch (error) {
    if (error instanceof MigrateError && ['CANNOT_PLAN', 'VALUE_REQUIRED'].includes(error.code)) return null;
    throw error;
  }
}

function createdHelpers({ run }: Plan['migrations'][number]['steps'][number]): readonly string[] {
  if (run.kind !== 'sql') return [];
  const names: string[] = [];
  for (const { node } of run.statements.flatMap((text) => parseStatements(text)))
    visit(node, (_tag, fields) => {
      for (const value of Object.values(fields))
        if (typeof value === 'string' && /^~?onward_\w+$/.test(value)) names.push(value);
    });
  return names;
}
