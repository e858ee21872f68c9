// How many cases each kind of change has, and how many proofs of them passed on each version of Postgres: read from the
// results of the tests (vitest's JSON), so that it says what has run and not what should have. A proof is a test whose
// name begins with a case's id, `set_not_null/with-value: …`.
//
//   node scripts/proofs-by-kind.js     how many cases try each kind of change on which tables (test/operations/README.md)
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = printVariants();

/** The cases are read by the tests' own reader, which is TypeScript: a test writes the table. */
function printVariants() {
  const scratch = mkdtempSync(path.join(tmpdir(), 'onward-cases-'));
  const file = path.join(scratch, 'variants.txt');
  const root = fileURLToPath(new URL('..', import.meta.url));
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, 'run', '--project', 'unit', 'test/operations/variants'],
    { cwd: root, encoding: 'utf8', env: { ...process.env, ONWARD_VARIANTS: file } },
  );
  process.stdout.write(status === 0 ? readFileSync(file, 'utf8') : `${stdout}${stderr}`);
  rmSync(scratch, { recursive: true, force: true });
  return status ?? 1;
}

/** Lines of text; none when no case has run. `results` maps a version to its parsed results. */
export function proofsByKind(results) {
  const versions = [...results.keys()];
  const kinds = new Map();
  for (const [version, { testResults }] of results) {
    for (const { title, status } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
      const [, kind, name] = /^(\w+)\/([\w-]+): /.exec(title) ?? [];
      if (kind === undefined || (status !== 'passed' && status !== 'failed')) continue;
      const counts = kinds.get(kind) ?? { cases: new Set(), passed: new Map(), failed: 0 };
      kinds.set(kind, counts);
      counts.cases.add(name);
      if (status === 'failed') counts.failed += 1;
      else counts.passed.set(version, (counts.passed.get(version) ?? 0) + 1);
    }
  }
  if (kinds.size === 0) return [];
  const rows = [...kinds.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, { cases, passed, failed }]) => [
      kind,
      cases.size,
      ...versions.map((version) => passed.get(version) ?? 0),
      failed,
    ]);
  const sums = rows[0].map((_, at) => (at === 0 ? 'all' : rows.reduce((sum, row) => sum + row[at], 0)));
  const header = ['kind', 'cases', ...versions.map((version) => `proofs on ${version}`), 'failed'];
  return aligned([header, ...rows, sums]);
}

function aligned(rows) {
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => String(row[at]).length)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? String(cell).padEnd(widths[at]) : String(cell).padStart(widths[at])))
      .join('  ')
      .trimEnd(),
  );
}
