/**
 * A gate: rows that must not exist before the phase goes on. It only reads; whatever it finds, nothing has changed.
 */
import { MigrateError } from '../../errors.ts';
import type { GateRun } from '../../operations/step-draft.ts';
import { isClass, isRetryable, sqlstateOf } from '../../postgres/sqlstate.ts';
import type { StepName } from '../run-event.ts';
import type { Runner } from '../runner.ts';
import { applyStepSettings } from './local-settings.ts';
import { gateUnanswered, gateViolated, stepFailed } from './step-error.ts';

const mostAttempts = 5; // a reader is hardly ever in anybody's way
const pauseMs = 500;

export async function checkGate(
  runner: Runner,
  name: StepName,
  gate: GateRun,
  step: { readonly statementTimeoutMs: number | null; readonly settings: Readonly<Record<string, string>> },
): Promise<void> {
  const { session, signal } = runner;
  // A row that a policy hides from us must be an error: it would be missing in the count.
  const settings = {
    ...step,
    settings: { ...step.settings, row_security: 'off' },
    lockTimeoutMs: runner.locks.lastTimeoutMs,
  };
  let statement = gate.countSql;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.transaction(async () => {
        await applyStepSettings(session, settings, true);
        statement = gate.countSql;
        const counted = await session.query<Record<string, string>>(statement, [], { asText: true, signal });
        const count = Object.values(counted.rows[0] ?? {})[0] ?? '0';
        if (BigInt(count) === 0n) return;
        statement = gate.sampleSql;
        const { rows } = await session.query<Record<string, string | null>>(statement, [], { asText: true, signal });
        const columns = Object.keys(rows[0] ?? {});
        throw gateViolated(name, gate, { count, columns, samples: rows.slice(0, 5).map((row) => Object.values(row)) });
      });
      return;
    } catch (error) {
      if (error instanceof MigrateError) throw error;
      const code = sqlstateOf(error);
      if (isClass(code, 'dataException')) throw gateUnanswered(name, statement, error);
      if (code === null || !isRetryable(code) || attempt === mostAttempts) throw stepFailed(name, statement, error);
      runner.onEvent({ kind: 'step_retried', ...name, sqlstate: code, attempt, nextTryInMs: pauseMs });
      await runner.clock.sleep(pauseMs, signal);
    }
  }
}
