/**
 * What changes no row and no shape (row 30): comments, grants, owners, storage parameters, statistics targets, replica
 * identity, sequences, trigger switches, row level security. Run as written at its measured lock; what takes rights away
 * (REVOKE, ENABLE ROW LEVEL SECURITY) waits for contract, because the old application still needs them.
 */
import type { AlterTableCmd, SelectStmt } from '@pgsql/types';
import { addUncertainty, updateSequence } from '../catalog/edit.ts';
import { resolveSequence, resolveTable } from '../catalog/lookup.ts';
import type { AlterSetting, RelationName } from './change.ts';
import { objectName, relationName, stringValues } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import type { StatementPart } from './decode/statement-parts.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn, lockOnFamily } from './pieces/locks.ts';
import { undoOfSetting } from './pieces/setting-undo.ts';
import { touchColumn, touchRelation } from './touch.ts';
import { functionCalls } from '../sql/walk.ts';

type Setting = Pick<AlterSetting, 'setting' | 'lock'> & { readonly narrowing?: boolean };

/** ALTER TABLE subcommands with their measured lock (set_statistics, set_reloptions.*, replica_identity, enable_rls …). */
const tableSettings: Readonly<Partial<Record<NonNullable<AlterTableCmd['subtype']>, Setting>>> = {
  AT_SetStatistics: { setting: 'statistics target', lock: 'SHARE UPDATE EXCLUSIVE' },
  AT_SetOptions: { setting: 'column options', lock: 'SHARE UPDATE EXCLUSIVE' },
  AT_ResetOptions: { setting: 'column options', lock: 'SHARE UPDATE EXCLUSIVE' },
  AT_SetRelOptions: { setting: 'storage parameters', lock: 'SHARE UPDATE EXCLUSIVE' },
  AT_ResetRelOptions: { setting: 'storage parameters', lock: 'SHARE UPDATE EXCLUSIVE' },
  AT_SetStorage: { setting: 'storage mode', lock: 'ACCESS EXCLUSIVE' },
  AT_SetCompression: { setting: 'compression', lock: 'ACCESS EXCLUSIVE' },
  AT_ClusterOn: { setting: 'clustering index', lock: 'SHARE UPDATE EXCLUSIVE' },
  AT_DropCluster: { setting: 'clustering index', lock: 'SHARE UPDATE EXCLUSIVE' },
  AT_ChangeOwner: { setting: 'owner', lock: 'ACCESS EXCLUSIVE' },
  AT_ReplicaIdentity: { setting: 'replica identity', lock: 'ACCESS EXCLUSIVE' },
  // An existing NOT NULL column gets or loses its sequence: no row is touched (measured: add_identity, drop_identity).
  AT_AddIdentity: { setting: 'identity', lock: 'ACCESS EXCLUSIVE' },
  AT_SetIdentity: { setting: 'identity', lock: 'ACCESS EXCLUSIVE' },
  AT_EnableTrig: { setting: 'trigger switch', lock: 'SHARE ROW EXCLUSIVE' },
  AT_EnableAlwaysTrig: { setting: 'trigger switch', lock: 'SHARE ROW EXCLUSIVE' },
  AT_EnableReplicaTrig: { setting: 'trigger switch', lock: 'SHARE ROW EXCLUSIVE' },
  AT_DisableTrig: { setting: 'trigger switch', lock: 'SHARE ROW EXCLUSIVE' },
  AT_EnableTrigAll: { setting: 'trigger switch', lock: 'SHARE ROW EXCLUSIVE' },
  AT_DisableTrigAll: { setting: 'trigger switch', lock: 'SHARE ROW EXCLUSIVE' },
  AT_EnableTrigUser: { setting: 'trigger switch', lock: 'SHARE ROW EXCLUSIVE' },
  AT_DisableTrigUser: { setting: 'trigger switch', lock: 'SHARE ROW EXCLUSIVE' },
  AT_EnableRowSecurity: { setting: 'row level security', lock: 'ACCESS EXCLUSIVE', narrowing: true },
  AT_ForceRowSecurity: { setting: 'row level security', lock: 'ACCESS EXCLUSIVE', narrowing: true },
  AT_DisableRowSecurity: { setting: 'row level security', lock: 'ACCESS EXCLUSIVE' },
  AT_NoForceRowSecurity: { setting: 'row level security', lock: 'ACCESS EXCLUSIVE' },
};

/** Settings that partitions and inheriting tables take over (measured: set_statistics.of_partitioned and its like). */
const downToChildren: ReadonlySet<string> = new Set(['statistics target', 'storage mode', 'trigger switch']);

export const alterSetting: Operation<AlterSetting> = {
  kind: 'alter_setting',

  decode(part) {
    const decoded = decodeSetting(part);
    return decoded === null
      ? null
      : [{ kind: 'alter_setting', sql: part.sql, column: null, narrowing: false, sequence: null, ...decoded }];
  },

  apply(catalog, change) {
    // Which sequence it gets, and with which options, is the server's to say.
    if (change.setting === 'identity') return addUncertainty(catalog, `the identity of ${change.column ?? 'a column'}`);
    const sequence = change.sequence === null ? null : resolveSequence(catalog, change.sequence);
    const owner = change.table === null ? null : resolveTable(catalog, change.table);
    if (sequence === null || owner === null || change.column === null) return catalog;
    const column = change.column;
    return updateSequence(catalog, sequence, (before) => ({
      ...before,
      ownedBy: { table: { schema: owner.schema, name: owner.name }, column },
    }));
  },

  touches: (change, catalog) => ({
    reads: change.sequence === null ? [] : [touchRelation(catalog, change.sequence)],
    writes:
      change.table === null
        ? change.sequence === null
          ? []
          : [touchRelation(catalog, change.sequence)]
        : [
            change.column === null
              ? touchRelation(catalog, change.table)
              : touchColumn(catalog, change.table, change.column),
          ],
  }),

  effects(change, catalog) {
    if (change.table === null || change.lock === null) return noEffects;
    const table = resolveTable(catalog, change.table);
    return {
      ...noEffects,
      locks: downToChildren.has(change.setting)
        ? lockOnFamily(catalog, table, change.lock)
        : lockOn(table, change.lock),
    };
  },

  plan: (change, { catalog }) => [
    directStep(
      change.narrowing ? 'contract' : 'expand',
      change.sql,
      alterSetting.undo(change, catalog),
      change.narrowing ? ['It takes rights away that the running application may use, so it waits for contract.'] : [],
    ),
  ],

  undo: undoOfSetting,
};

type Decoded = Setting & {
  readonly table: RelationName | null;
  readonly column?: string;
  readonly sequence?: RelationName;
};

function decodeSetting({ node }: StatementPart): Decoded | null {
  if ('AlterTableStmt' in node) {
    const { relation, cmds, objtype } = node.AlterTableStmt;
    const command = cmds?.[0];
    if (command === undefined || !('AlterTableCmd' in command)) return null;
    const { subtype, name } = command.AlterTableCmd;
    if (
      objtype === 'OBJECT_INDEX' ||
      objtype === 'OBJECT_SEQUENCE' ||
      objtype === 'OBJECT_VIEW' ||
      objtype === 'OBJECT_MATVIEW'
    ) {
      const known = subtype === 'AT_ChangeOwner' || subtype === 'AT_SetRelOptions' || subtype === 'AT_ResetRelOptions';
      return known ? { setting: 'owner or options', lock: null, table: null } : null;
    }
    const setting = subtype === undefined ? undefined : tableSettings[subtype];
    if (setting === undefined) return null;
    const ofColumn =
      subtype === 'AT_AddIdentity' ||
      subtype === 'AT_SetIdentity' ||
      subtype === 'AT_SetStatistics' ||
      subtype === 'AT_SetOptions' ||
      subtype === 'AT_ResetOptions' ||
      subtype === 'AT_SetStorage' ||
      subtype === 'AT_SetCompression';
    return { ...setting, table: relationName(relation), ...(ofColumn && name !== undefined ? { column: name } : {}) };
  }
  if ('CommentStmt' in node) return decodeComment(node.CommentStmt);
  if ('GrantStmt' in node) {
    const revoke = node.GrantStmt.is_grant !== true;
    return { setting: revoke ? 'revoke' : 'grant', lock: null, table: null, narrowing: revoke };
  }
  if ('GrantRoleStmt' in node || 'AlterDefaultPrivilegesStmt' in node)
    return { setting: 'grant', lock: null, table: null };
  if ('AlterOwnerStmt' in node) return { setting: 'owner', lock: null, table: null };
  if ('AlterFunctionStmt' in node) return { setting: 'function options', lock: null, table: null };
  // What another session reads from the sequence meanwhile is not held up.
  if ('SelectStmt' in node && isSetval(node.SelectStmt)) return { setting: 'sequence value', lock: null, table: null };
  if ('AlterSeqStmt' in node) {
    const owned = (node.AlterSeqStmt.options ?? []).find(
      (item) => 'DefElem' in item && item.DefElem.defname === 'owned_by',
    );
    const sequence = relationName(node.AlterSeqStmt.sequence);
    const path =
      owned !== undefined && 'DefElem' in owned && owned.DefElem.arg !== undefined && 'List' in owned.DefElem.arg
        ? stringValues(owned.DefElem.arg.List.items)
        : [];
    const table = path.at(-2);
    const column = path.at(-1);
    if (table === undefined || column === undefined)
      return { setting: 'sequence options', lock: null, table: null, sequence };
    return {
      setting: 'sequence owner',
      lock: null,
      table: { schema: path.at(-3) ?? null, name: table },
      column,
      sequence,
    };
  }
  return null;
}

/** `SELECT setval(…)`, alone. */
function isSetval({ targetList, fromClause }: SelectStmt): boolean {
  const [target] = targetList ?? [];
  if (targetList?.length !== 1 || target === undefined || !('ResTarget' in target)) return false;
  const { val } = target.ResTarget;
  const calls = val === undefined ? [] : functionCalls(val);
  return calls.length > 0 && calls[0]?.name === 'setval' && (fromClause ?? []).length <= 1;
}

/** COMMENT takes SHARE UPDATE EXCLUSIVE on a table and for its columns (measured: comment_on_table, comment_on_column). */
function decodeComment({
  objtype,
  object,
}: {
  readonly objtype?: string;
  readonly object?: Parameters<typeof objectName>[0];
}): Decoded {
  if (objtype === 'OBJECT_TABLE')
    return { setting: 'comment', lock: 'SHARE UPDATE EXCLUSIVE', table: objectName(object) };
  if (objtype === 'OBJECT_COLUMN' && object !== undefined && 'List' in object) {
    const path = stringValues(object.List.items);
    const table = path.at(-2);
    const column = path.at(-1);
    if (table !== undefined && column !== undefined) {
      return {
        setting: 'comment',
        lock: 'SHARE UPDATE EXCLUSIVE',
        table: { schema: path.at(-3) ?? null, name: table },
        column,
      };
    }
  }
  return { setting: 'comment', lock: null, table: null };
}
