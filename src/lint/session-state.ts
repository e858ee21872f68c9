/**
 * What BEGIN, COMMIT and SET have made of the session at one point of a file. Each file begins with a session of its own.
 */
import type { Raw, SetSession, TransactionControl } from '../operations/change.ts';

export type SessionState = {
  readonly inTransaction: boolean;
  readonly settings: ReadonlyMap<string, string>;
  /** Those of SET LOCAL: they end with the transaction. */
  readonly localSettings: ReadonlyMap<string, string>;
  /** The settings when the transaction began: a ROLLBACK brings them back. */
  readonly settingsBefore: ReadonlyMap<string, string>;
};

export function sessionStart(inTransaction: boolean): SessionState {
  return { inTransaction, settings: new Map(), localSettings: new Map(), settingsBefore: new Map() };
}

/** A BEGIN inside a transaction changes nothing (Postgres warns); a COMMIT ends also the one that the tool began. */
export function afterTransactionControl(session: SessionState, { command }: TransactionControl): SessionState {
  if (command === 'savepoint' || command === 'rollback to') return session;
  if (command === 'begin')
    return session.inTransaction ? session : { ...session, inTransaction: true, settingsBefore: session.settings };
  const settings = command === 'rollback' && session.inTransaction ? session.settingsBefore : session.settings;
  return { ...session, inTransaction: false, settings, localSettings: new Map() };
}

/** RESET ALL and DISCARD ALL, which are not taken apart. */
export function afterRaw(session: SessionState, { sql }: Raw): SessionState {
  if (!/^(?:RESET|DISCARD)\s+ALL\b/i.test(sql)) return session;
  return { ...session, settings: new Map(), localSettings: new Map() };
}

export function endsTransaction({ command }: TransactionControl): boolean {
  return command === 'commit' || command === 'rollback' || command === 'prepare';
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
