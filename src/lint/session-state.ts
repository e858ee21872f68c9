/**
 * What BEGIN, COMMIT and SET have made of the session at one point of a file. Each file begins with a session of its own.
 */
import type { SetSession, TransactionControl } from '../operations/change.ts';

export type SessionState = {
  readonly inTransaction: boolean;
  readonly settings: ReadonlyMap<string, string>;
  /** Those of SET LOCAL: they end with the transaction. */
  readonly localSettings: ReadonlyMap<string, string>;
};

export function sessionStart(inTransaction: boolean): SessionState {
  return { inTransaction, settings: new Map(), localSettings: new Map() };
}

/** A BEGIN inside a transaction changes nothing (Postgres warns); a COMMIT ends also the one that the tool began. */
export function afterTransactionControl(session: SessionState, { command }: TransactionControl): SessionState {
  if (command === 'savepoint' || command === 'rollback to') return session;
  if (command === 'begin') return { ...session, inTransaction: true };
  return { ...session, inTransaction: false, localSettings: new Map() };
}

export function afterSet(session: SessionState, { name, value, local }: SetSession): SessionState {
  if (local) {
    // Outside of a transaction it does nothing (Postgres warns).
    if (!session.inTransaction || value === null) return session;
    return { ...session, localSettings: new Map([...session.localSettings, [name, value]]) };
  }
  const settings = new Map(session.settings);
  if (value === null) settings.delete(name);
  else settings.set(name, value);
  const localSettings = new Map(session.localSettings);
  localSettings.delete(name);
  return { ...session, settings, localSettings };
}

export function settingOf(session: SessionState, name: string): string | null {
  return session.localSettings.get(name) ?? session.settings.get(name) ?? null;
}
