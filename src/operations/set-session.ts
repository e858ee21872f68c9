/**
 * SET and RESET in a file. They hold for the rest of the file and no longer: the planner hands them to every later step
 * as SET LOCAL, so that nothing leaks into the next migration. Timeouts are left out, because the engine sets its own.
 */
import type { Node, SelectStmt } from '@pgsql/types';
import { emit } from '../sql/emit.ts';
import { quoteIdentifier } from '../sql/identifier.ts';
import type { SetSession } from './change.ts';
import { stringValue, stringValues } from './decode/names.ts';
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
    if ('SelectStmt' in part.node) return timeoutsOf(part.node.SelectStmt, part.sql);
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

/** `SELECT set_config('lock_timeout', '2s', false)`, of nothing but timeouts. */
function timeoutsOf({ targetList, fromClause, whereClause }: SelectStmt, text: string): readonly SetSession[] | null {
  if (fromClause !== undefined || whereClause !== undefined) return null;
  const changes = (targetList ?? []).map((target) => timeoutOf(target, text));
  const known = changes.flatMap((change) => (change === null ? [] : [change]));
  return known.length > 0 && known.length === changes.length ? known : null;
}

function timeoutOf(target: Node, text: string): SetSession | null {
  const call = 'ResTarget' in target ? target.ResTarget.val : undefined;
  if (call === undefined || !('FuncCall' in call)) return null;
  const [name, value, local] = (call.FuncCall.args ?? []).map((argument) =>
    'A_Const' in argument ? (argument.A_Const.sval?.sval ?? argument.A_Const.boolval?.boolval === true) : null,
  );
  if (stringValues(call.FuncCall.funcname).at(-1) !== 'set_config') return null;
  if (typeof name !== 'string' || typeof value !== 'string' || typeof local !== 'boolean') return null;
  if (!ownSettings.has(name.toLowerCase())) return null;
  return { kind: 'set_session', sql: text, name: name.toLowerCase(), value, local };
}

/** The schemas of a search_path as `decode` writes it. */
export function searchPathOf(value: string): readonly string[] {
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)];
  return names
    .map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '')
    .filter((schema) => schema !== '' && schema !== '$user' && schema !== 'pg_catalog' && schema !== 'pg_temp');
}
