/** What the plain SQL makes of a case, and whether there is a plan for it: the same beginning for all properties. */
import { MigrateError } from '../../../src/errors.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import type { CaseDatabase } from '../../operations/harness/case-database.ts';
import type { OperationCase } from '../../operations/harness/case-file.ts';
import { planOn } from '../../operations/harness/lifecycle.ts';
import { outcomeOf, sendPlainly, type Outcome } from '../../operations/harness/plain-run.ts';

export type Lab = { readonly plain: CaseDatabase; readonly migrated: CaseDatabase };

export type Tried = {
  readonly operationCase: OperationCase;
  /** Null when the server does not take it. */
  readonly plain: Outcome | null;
  readonly plainError: string | null;
  readonly first: Outcome;
  /** Null when the planner refuses it. */
  readonly plan: Plan | null;
  readonly refusal: MigrateError | null;
};

/** The server's error, when it does not take the schema before the migrations: then it is no case. */
export async function tryCase({ plain, migrated }: Lab, operationCase: OperationCase): Promise<Tried | Error> {
  const error = await errorOf(() => migrated.prepare(operationCase));
  if (error !== null) return error;
  const first = await outcomeOf(migrated);
  await plain.prepare(operationCase);
  const plainError = await errorOf(() => sendPlainly(plain, operationCase));
  const outcome = plainError === null ? await outcomeOf(plain) : null;
  try {
    const plan = planOn(first.catalog, operationCase);
    return { operationCase, plain: outcome, plainError: plainError?.message ?? null, first, plan, refusal: null };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return {
      operationCase,
      plain: outcome,
      plainError: plainError?.message ?? null,
      first,
      plan: null,
      refusal: error,
    };
  }
}

const refusals: ReadonlySet<string> = new Set(['VALUE_REQUIRED', 'CANNOT_PLAN']);

function isRefusal(error: unknown): error is MigrateError {
  return error instanceof MigrateError && refusals.has(error.code);
}

export async function errorOf(work: () => Promise<unknown>): Promise<Error | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
