/**
 * A timeout that is not in force when somebody would wait: the advice and the fix. Several rules end in it.
 *
 * It is told once for each stretch of a file in which nothing is set and no transaction begins or ends: the one statement
 * that sets it covers the whole stretch.
 */
import { resolveView } from '../catalog/lookup.ts';
import { blocksReads, blocksWrites } from '../postgres/lock-mode.ts';
import { qualifiedName } from '../sql/identifier.ts';
import { identifier, literal, raw, sql } from '../sql/template.ts';
import type { Report, RuleContext } from './rule.ts';
import { script } from './script.ts';

export type WantedTimeout = {
  readonly setting: string;
  /** A value that does for most. */
  readonly value: string;
  /** What the advice does, without the colon. */
  readonly purpose: string;
  /** What should be set besides. */
  readonly beside?: { readonly setting: string; readonly value: string };
};

/** The tables in use that others cannot write, or even read, while the change holds its locks. */
export function blockedTables({ catalog, effects, isNew }: RuleContext): readonly string[] {
  const blocked = effects.locks.filter(
    ({ table, mode }) =>
      // Nobody writes to a materialized view.
      (resolveView(catalog, table) === null ? blocksWrites(mode) : blocksReads(mode)) && !isNew(table),
  );
  return [...new Set(blocked.map(({ table }) => shortName(table)))];
}

/** As people write it: without the schema that is meant anyway. */
export function shortName({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return qualifiedName({ schema: schema === 'public' ? null : schema, name });
}

/** True when the runner sets timeouts, or the file has set this one to more than nothing. */
export function hasTimeout({ timeouts, setting }: RuleContext, name: string): boolean {
  const value = setting(name);
  return timeouts === 'runner' || (value !== null && !/^0+(?:\.0*)?\s*(?:us|ms|s|min|h|d)?$/.test(value.trim()));
}

export function timeoutAdvice(context: RuleContext, wanted: WantedTimeout): Omit<Report, 'message'> {
  const { inTransaction, preceding, statement, setting } = context;
  const { beside } = wanted;
  const setTo = (name: string, value: string): string =>
    sql`${raw(inTransaction ? 'SET LOCAL' : 'SET')} ${identifier(name)} = ${literal(value)}`.text;
  const set = setTo(wanted.setting, wanted.value);
  const others = beside === undefined ? [] : [setTo(beside.setting, setting(beside.setting) ?? beside.value)];
  const stretch = preceding().findLastIndex(({ kind }) => kind === 'set_session' || kind === 'transaction_control');
  return {
    instead: { text: `${wanted.purpose}:`, sql: script(...others, set, statement.text) },
    fix: [set, statement.text],
    fixReplaces: 'statement',
    once: String(stretch),
  };
}
