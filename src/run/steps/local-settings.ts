/**
 * The settings under which a step's statements run: its timeouts, and what the person's own SET statements left
 * (search_path, role, …), for one transaction or for one statement outside of any.
 */
import type { Session } from '../session.ts';

export type StepSettings = {
  /** 0: no timeout. */
  readonly lockTimeoutMs: number;
  /** Null: no timeout. */
  readonly statementTimeoutMs: number | null;
  /** As in the plan: what `SET LOCAL` would set. */
  readonly settings: Readonly<Record<string, string>>;
};

/** `local`: until the end of the transaction; else until `session.resetSettings`. */
export async function applyStepSettings(session: Session, step: StepSettings, local: boolean): Promise<void> {
  const settings: readonly (readonly [string, string])[] = [
    ['lock_timeout', `${Math.ceil(step.lockTimeoutMs)}ms`],
    ['statement_timeout', `${step.statementTimeoutMs ?? 0}ms`],
    ...Object.entries(step.settings),
  ];
  const calls = settings.map((_, index) => `pg_catalog.set_config($${index * 2 + 1}, $${index * 2 + 2}, ${local})`);
  await session.query(`select ${calls.join(', ')}`, settings.flat());
}

/** The ledger belongs to the role that we logged in as: back to it, before the step's row is written. */
export async function leaveRole(session: Session, settings: Readonly<Record<string, string>>): Promise<void> {
  const names = Object.keys(settings).map((name) => name.toLowerCase());
  const isAnother = names.includes('session_authorization'); // which forgets the role as well
  if (isAnother) await session.query('set local session authorization default');
  if (isAnother || names.includes('role')) await session.query('set local role to default');
}
