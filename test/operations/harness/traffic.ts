/** An old and a new version of the application at work while a case's migrations run through all their phases. */
import { expect } from 'vitest';
import { MigrateError } from '../../../src/errors.ts';
import type { CaseDatabase } from './case-database.ts';
import type { OperationCase } from './case-file.ts';
import { derivedProgram } from './derived-program.ts';
import { applicationTables, type KnownSchema } from './known-schema.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import type { VersionPromise } from '../../../src/plan/version-promise.ts';
import { eachPhase, planCase, withVerbs, type Phase } from './lifecycle.ts';
import { everythingDone, type Word } from './promised.ts';
import { statedProgram } from './stated-program.ts';
import { toldByOldNames } from './told-names.ts';
import { VersionClient, type ClientProgram, type Version } from './version-client.ts';

export type Known = Readonly<Record<Version, KnownSchema>>;

export type Journals = { readonly oldJournal: readonly string[]; readonly newJournal: readonly string[] };

/** The migration stopped at rows that it cannot do with; the journals say what the versions wrote by then. */
export class RefusedByRows extends Error {
  override readonly name = 'RefusedByRows';
  readonly journals: Journals;

  constructor(cause: MigrateError, journals: Journals) {
    super(cause.message, { cause });
    this.journals = journals;
  }
}

export type TrafficOptions = {
  /** Fails where a version that could write does not. */
  readonly mustWrite?: boolean;
  /** What the clients hear of a plan: by default what it promises. */
  readonly told?: (plan: Plan) => readonly VersionPromise[];
};

/** Returns what the versions wrote. The old one goes before the first contract, the new one comes after the last expand. */
export async function migrateUnderTraffic(
  database: CaseDatabase,
  operationCase: OperationCase,
  programs: Readonly<Record<Version, ClientProgram>>,
  { mustWrite = true, told = toldByOldNames }: TrafficOptions = {},
): Promise<Journals> {
  const wordOf = (plan: Plan, done: Phase | null): Word => ({ promises: told(plan), done });
  const firstPlan = await planCase(database, operationCase);
  const words: Record<Version, Word> = { old: wordOf(firstPlan, null), new: everythingDone };
  const live = new Map<Version, VersionClient>();
  const journals = { oldJournal: new Array<string>(), newJournal: new Array<string>() };
  const start = async (version: Version, phase: string) => {
    live.set(version, await VersionClient.start(database, version, programs[version], words[version], phase));
  };
  const stop = async (version: Version) => {
    const client = live.get(version);
    live.delete(version);
    await client?.stop();
    journals[`${version}Journal`].push(...(client?.journal ?? []));
  };
  const work = async (phase: string) => {
    await Promise.all([...live.values()].map((client) => client.wholeRound()));
    for (const [version, client] of live) {
      if (mustWrite && programs[version].writes(words[version]))
        expect(client.writesIn(phase), `writes of the ${version} version`).toBeGreaterThan(0);
    }
  };

  try {
    await start('old', 'before expand');
    await work('before expand');
    await withVerbs(database, (run) =>
      eachPhase(
        database,
        operationCase,
        async (verb, plan) => {
          if (verb === 'contract') await stop('old');
          for (const client of live.values()) client.enter(verb);
          await run(verb, plan);
          words.new = wordOf(plan, verb);
          live.get('new')?.hear(words.new);
          const isLast = plan.migrations.every(({ waitsFor }) => waitsFor === null);
          if (verb === 'expand' && isLast) await start('new', verb);
          await work(verb);
        },
        firstPlan,
      ),
    );
    await stop('new');
  } catch (error) {
    if (!(error instanceof MigrateError) || error.code !== 'DATA_VIOLATES') throw error;
    await stop('old');
    await stop('new');
    throw new RefusedByRows(error, journals);
  } finally {
    // Only after a failure is anybody left, and that failure is the one to tell.
    await Promise.allSettled([...live.values()].map((client) => client.stop()));
  }
  return journals;
}

/** The statements that the case states, or those derived from the schemas; fails where it could write nothing. */
export function programOf(version: Version, operationCase: OperationCase, known: Known): ClientProgram {
  const program = possibleProgram(version, operationCase, known);
  const stated = version === 'old' ? operationCase.oldClient : operationCase.newClient;
  const hasTables = applicationTables(known[version].catalog).length > 0;
  if (stated === null && hasTables && !program.writes(everythingDone))
    throw new Error(`No write could be derived for the ${version} version. Add a section "-- ${version} client".`);
  return program;
}

/** The same, for a case that nobody has written: then there may be nothing to write. */
export function possibleProgram(version: Version, operationCase: OperationCase, known: Known): ClientProgram {
  const other = version === 'old' ? 'new' : 'old';
  const stated = { old: operationCase.oldClient, new: operationCase.newClient };
  const section = stated[version];
  if (section !== null) return statedProgram(section);
  const otherIsStated = stated[other] !== null;
  return derivedProgram({ version, own: known[version], other: known[other], operationCase, otherIsStated });
}
