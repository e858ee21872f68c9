/**
 * `--planned`: the plan's steps go through the linter, each as a file of its own, in the transaction and under the timeouts
 * that the runner gives it. What is left is what the plan cannot make harmless: statements that run as they are written
 * because somebody answers for them, and those that nobody can look into.
 */
import { MigrateError } from '../../errors.ts';
import type { Finding, LintFile, LintInput, LintResult, MigrationFile, Step } from '../../index.ts';
import { hasFlag, type Call } from '../call.ts';
import { planningOptions } from '../run-options.ts';

type Planned = { readonly result: LintResult; readonly sources: ReadonlyMap<string, string> };

export async function lintPlanned(
  call: Call,
  files: readonly (MigrationFile & LintFile)[],
  options: Omit<LintInput, 'files'>,
): Promise<Planned> {
  for (const flag of ['fix', 'fixDryRun', 'updateBaseline'] as const) {
    if (!hasFlag(call.own, flag)) continue;
    throw new MigrateError('BAD_USAGE', 'The steps of a plan are not in a file that could be fixed or recorded.', {
      hint: 'Leave out --planned, or the other option.',
    });
  }
  const { lint, plan } = await import('../../index.ts');
  const databaseUrl = call.flags.databaseUrl;
  const first = files.find(({ isShipped }) => isShipped === false);
  if (databaseUrl === undefined && first === undefined && !files.some(({ isShipped }) => isShipped === true)) {
    throw new MigrateError('BAD_USAGE', 'A plan is for migrations that are pending, and it is not clear which are.', {
      hint: 'Let git tell (migrate lint --planned --changed) or a database (--database-url).',
    });
  }
  if (databaseUrl === undefined && first === undefined) {
    return { result: { findings: [], files: 0, statements: 0 }, sources: new Map() };
  }
  const { migrations } = await plan({
    // A file that shipped ran before all that did not, whatever its number.
    migrations: files.toSorted((a, b) => Number(b.isShipped === true) - Number(a.isShipped === true)),
    ...planningOptions(call),
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(databaseUrl === undefined ? {} : { databaseUrl, schema: call.config.schema }),
    ...(databaseUrl !== undefined || first === undefined ? {} : { from: first.name }),
  });
  const pathOf = new Map(files.map((file) => [file.name, file.path]));
  const isPlanned = new Set(migrations.map(({ name }) => name));
  const shipped = databaseUrl === undefined ? files.filter(({ name }) => !isPlanned.has(name)) : [];
  const steps = migrations.flatMap(({ name, steps: own }) =>
    own.flatMap((step) => stepFile(`${pathOf.get(name) ?? name}#${step.id}`, step)),
  );
  const early = steps.filter(({ phase }) => phase !== 'contract');
  const late = steps.filter(({ phase }) => phase === 'contract');
  const as = { ...options, timeouts: 'runner', transactionMode: 'none' } as const;
  // What expand makes nobody uses before contract begins; by then it is in use.
  const before = await lint({ ...as, files: early, history: shipped });
  const after = await lint({ ...as, files: late, history: [...shipped, ...early] });
  const sources = new Map([...files, ...steps].map((file) => [file.path, file.source]));
  return {
    result: {
      findings: [...before.findings, ...after.findings].map((finding) => ({
        ...inItsFile(finding, sources),
        fix: null,
      })),
      files: migrations.length,
      statements: before.statements + after.statements,
    },
    sources,
  };
}

/** In the migration where its statement runs as it is written there; else in the step, which has SQL of its own. */
function inItsFile(finding: Finding, sources: ReadonlyMap<string, string>): Finding {
  const [, file = ''] = /^(.*)#[a-z]+-\d+$/s.exec(finding.file) ?? [];
  const from = placeOf(finding.statement, sources.get(finding.file));
  const to = placeOf(finding.statement, sources.get(file));
  if (from === null || to === null) return finding;
  const moved = (line: number, column: number): readonly [number, number] => [
    line - from.line + to.line,
    line === from.line ? column - from.column + to.column : column,
  ];
  const [line, column] = moved(finding.line, finding.column);
  const [endLine, endColumn] = moved(finding.endLine, finding.endColumn);
  return { ...finding, file, line, column, endLine, endColumn };
}

function placeOf(
  statement: string,
  source: string | undefined,
): { readonly line: number; readonly column: number } | null {
  const at = source === undefined || statement === '' ? -1 : source.indexOf(statement);
  if (source === undefined || at === -1) return null;
  const before = source.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** None for a backfill or a gate: what they do is rows, a batch at a time. */
function stepFile(path: string, step: Step): readonly LintFile[] {
  if (step.run.kind !== 'sql') return [];
  return [
    {
      path,
      source: step.run.statements.map((statement) => `${statement};\n`).join('\n'),
      // Whoever chose the phase of a statement knows what the old version does.
      phase: step.exemption === 'chosen phase' ? 'contract' : step.phase,
      transactionMode: step.run.transaction ? 'per-file' : 'none',
    },
  ];
}
