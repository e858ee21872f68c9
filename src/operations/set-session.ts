/**
 * SET and RESET in a file. They hold for the rest of the file and no longer: the planner hands them to every later step
 * as SET LOCAL, so that nothing leaks into the next migration. Timeouts are left out, because the engine sets its own.
 */
import { emit } from '../sql/emit.ts';
import { quoteIdentifier } from '../sql/identifier.ts';
import type { SetSession } from './change.ts';
import { stringValue } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { nothingToUndo } from './step-draft.ts';

/** Set by the engine itself for each step. */
export const ownSettings: ReadonlySet<string> = new Set([
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
]);

export const setSession: Operation<SetSession> = {
  kind: 'set_session',

  decode(part) {
    if (!('VariableSetStmt' in part.node)) return null;
    const { kind, name, args, is_local } = part.node.VariableSetStmt;
    if (name === undefined || kind === 'VAR_SET_MULTI' || kind === 'VAR_SET_CURRENT' || kind === 'VAR_RESET_ALL')
      return null;
    const values = (args ?? []).map((argument) => {
      if ('A_Const' in argument) {
        const { sval, ival, fval, boolval } = argument.A_Const;
        if (sval !== undefined) return sval.sval ?? '';
        if (boolval !== undefined) return boolval.boolval === true ? 'on' : 'off';
        return fval?.fval ?? String(ival?.ival ?? 0);
      }
      return stringValue(argument) || emit(argument);
    });
    const isSet = kind === 'VAR_SET_VALUE';
    const setting = name.toLowerCase();
    return [
      {
        kind: 'set_session',
        sql: part.sql,
        name: setting,
        // A list of names is kept with its quotes, as the server itself keeps it (flatten_set_variable_args in guc.c).
        value: isSet ? (setting === 'search_path' ? values.map(quoteIdentifier) : values).join(', ') : null,
        local: is_local === true,
      },
    ];
  },

  apply(catalog, change) {
    if (change.name !== 'search_path') return catalog;
    return { ...catalog, searchPath: change.value === null ? ['public'] : searchPathOf(change.value) };
  },

  touches: () => ({ reads: [], writes: [] }),
  effects: () => noEffects,
  plan: () => [],
  undo: () => nothingToUndo,
};

/** The schemas of a search_path as `decode` writes it. */
export function searchPathOf(value: string): readonly string[] {
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)];
  return names
    .map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '')
    .filter((schema) => schema !== '' && schema !== '$user' && schema !== 'pg_catalog' && schema !== 'pg_temp');
}
