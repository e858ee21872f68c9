/**
 * Runs properties on random cases. Each run has a seed of its own, so that a failing one can be run alone; it is made
 * smaller as long as it fails in the same way, and told as a case file.
 */
import fc from 'fast-check';
import path from 'node:path';
import { MigrateError } from '../../src/errors.ts';
import { sqlstate, sqlstateOf } from '../../src/postgres/sqlstate.ts';
import { openCaseDatabase } from '../operations/harness/case-database.ts';
import { casesFolder, parseCase } from '../operations/harness/case-file.ts';
import { caseArbitrary } from './generate/case-arbitrary.ts';
import { caseFileText, type GeneratedCase } from './generate/generated-case.ts';
import { bothVersions } from './properties/both-versions.ts';
import { crash } from './properties/crash.ts';
import { equivalence } from './properties/equivalence.ts';
import { expectFoldLikeServer } from './properties/fold.ts';
import { failure } from './properties/failure.ts';
import { tryCase, type Lab } from './properties/tried-case.ts';
import { undo } from './properties/undo.ts';

export const propertyNames = ['equivalence', 'fold', 'undo', 'crash', 'both-versions'] as const;
type PropertyName = (typeof propertyNames)[number];

export type RunOptions = {
  readonly runs: number;
  readonly seed: number;
  /** Of one failing run: which smaller version of the case. */
  readonly path: string | null;
  readonly only: PropertyName | null;
  /** Without live traffic, which takes longer than all else. */
  readonly quiet: boolean;
  /** Runs at the same time, each with databases of its own. */
  readonly lanes: number;
  /** Different failures after which no more runs are begun. */
  readonly mostFailures: number;
  /** How long a failing case is made smaller. */
  readonly shrinkMs: number;
  readonly onFailure?: (failure: Failure) => void;
  /** What became of one run. */
  readonly onRun?: (run: RunResult) => void;
};

type RunResult = { readonly seed: number; readonly outcome: string; readonly milliseconds: number };

type Failure = { readonly seed: number; readonly signature: string; readonly report: string };

export type Results = {
  readonly runs: number;
  readonly failures: readonly Failure[];
  /** How often each thing happened. */
  readonly counts: ReadonlyMap<string, number>;
};

export async function runProperties(options: RunOptions): Promise<Results> {
  const counts = new Map<string, number>();
  const failures: Failure[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    const lab: Lab = { plain: await openCaseDatabase(), migrated: await openCaseDatabase() };
    try {
      while (next < options.runs && failures.length < options.mostFailures) {
        const seed = options.seed + next;
        next += 1;
        const begun = performance.now();
        let outcome = '';
        const count = (what: string): void => {
          outcome = what;
          counts.set(what, (counts.get(what) ?? 0) + 1);
        };
        const found = await oneRun(lab, seed, options, count, failures);
        options.onRun?.({
          seed,
          outcome: found === null ? outcome : `${outcome}: FAILED`,
          milliseconds: performance.now() - begun,
        });
        if (found === null) continue;
        failures.push(found);
        options.onFailure?.(found);
      }
    } finally {
      await lab.plain.drop();
      await lab.migrated.drop();
    }
  };
  await Promise.all(Array.from({ length: options.lanes }, lane));
  return { runs: next, failures, counts };
}

/** Thrown by a smaller case that fails in another way: that is another failure, with a seed of its own. */
const isOther = () => fc.pre(false);

async function oneRun(
  lab: Lab,
  seed: number,
  { path: shrinkPath, only, quiet, shrinkMs }: RunOptions,
  onCount: (what: string) => void,
  known: readonly Failure[],
): Promise<Failure | null> {
  let signature: string | null = null;
  let stuck = '';
  let deadline = Infinity;
  const details = await fc.check(
    fc.asyncProperty(fc.integer({ min: 0, max: 99 }), fc.nat(), caseArbitrary(), async (which, chance, generated) => {
      // fast-check's own time limit would leave a run behind that is still at work in the databases.
      if (performance.now() > deadline) fc.pre(false);
      const name = only ?? propertyOf(which, quiet);
      const count = (what: string) => {
        if (signature === null) onCount(what);
      };
      try {
        await holds(lab, name, chance, generated, count);
      } catch (error) {
        if (error instanceof fc.PreconditionFailure) throw error;
        const found = signatureOf(name, error);
        if (known.some((each) => each.signature === found)) {
          count(`(again) ${found}`);
          return;
        }
        if (signature !== null && signature !== found) isOther();
        if (signature === null && isTimeout(error)) stuck = await sessionsOf(lab);
        if (signature === null) deadline = performance.now() + shrinkMs;
        signature = found;
        throw error;
      }
    }),
    {
      numRuns: 1,
      seed,
      maxSkipsPerRun: 0,
      ...(shrinkPath === null ? {} : { path: shrinkPath }),
    },
  );
  if (!details.failed || details.counterexample === null || signature === null) return null;
  const [which, , generated] = details.counterexample;
  const text = caseFileText(generated, `Found by seed ${seed}.`);
  const command = `npm run test:property -- --seed ${seed} --path ${details.counterexamplePath}`;
  const error = details.errorInstance instanceof Error ? (details.errorInstance.stack ?? '') : '';
  return {
    seed,
    signature,
    report: `${only ?? propertyOf(which, quiet)} does not hold: ${error}\n${stuck}${command}\n\n${text}`,
  };
}

/** The server's own limits end what waits for ever. */
function isTimeout(error: unknown): boolean {
  const codes = new Set<unknown>([sqlstate.lockNotAvailable, sqlstate.queryCanceled, sqlstate.deadlockDetected]);
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (codes.has(sqlstateOf(at)) || (at instanceof MigrateError && at.code === 'LOCK_NOT_OBTAINED')) return true;
  return false;
}

async function sessionsOf({ plain, migrated }: Lab): Promise<string> {
  const lines = [...(await plain.sessions()), ...(await migrated.sessions())];
  return `Who was connected then:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function propertyOf(which: number, quiet: boolean): PropertyName {
  if (which < 40) return 'equivalence';
  if (which < 50) return 'fold';
  if (which < 70) return 'undo';
  return which < 85 || quiet ? 'crash' : 'both-versions';
}

async function holds(
  lab: Lab,
  name: PropertyName,
  chance: number,
  generated: GeneratedCase,
  count: (what: string) => void,
): Promise<void> {
  const operationCase = parseCase(path.join(casesFolder, 'several', 'random.sql'), caseFileText(generated, 'Random.'));
  const tried = await tryCase(lab, operationCase);
  if (tried instanceof Error) {
    count(`no case: ${withoutNames(tried.message)}`);
    fc.pre(false);
    return;
  }
  if (tried.refusal !== null) {
    count(
      `refused: ${tried.refusal.code} ${withoutNames(/because .*|, which .*/s.exec(tried.refusal.message)?.[0] ?? tried.refusal.message)}`,
    );
    return;
  }
  if (tried.plain === null) {
    count(`fails on the server: ${withoutNames(tried.plainError ?? '')}`);
    await failure(lab, tried);
    return;
  }
  count(name);
  if (name === 'equivalence') await equivalence(lab, tried);
  if (name === 'fold') expectFoldLikeServer(tried);
  if (name === 'undo') await undo(lab, tried, chance);
  if (name === 'crash') await crash(lab, tried, chance);
  if (name === 'both-versions') await bothVersions(lab, tried);
}

/** The kind of failure: its message without what is different in each case. */
function signatureOf(name: PropertyName, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${name}: ${withoutNames(message.split('\n').slice(0, 2).join(' '))}`;
}

function withoutNames(message: string): string {
  return message
    .replaceAll(/"(?:[^"]|"")*"/g, '…')
    .replaceAll(/\b[\wöß]*\d[\wöß]*\b/g, '…')
    .slice(0, 160);
}
