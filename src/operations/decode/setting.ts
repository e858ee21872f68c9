/**
 * Statements that set something about an object, taken apart: what is set, at which measured lock, and whether it can take
 * something away from the old application.
 */
import type { AlterTableCmd, AlterTableStmt, Node, SelectStmt } from '@pgsql/types';
import { functionCalls } from '../../sql/walk.ts';
import type { AlterSetting, RelationName } from '../change.ts';
import { objectName, relationName, stringValues } from './names.ts';
import type { StatementPart } from './statement-parts.ts';

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
  AT_EnableRule: { setting: 'rule switch', lock: 'ACCESS EXCLUSIVE' },
  AT_EnableAlwaysRule: { setting: 'rule switch', lock: 'ACCESS EXCLUSIVE' },
  AT_EnableReplicaRule: { setting: 'rule switch', lock: 'ACCESS EXCLUSIVE' },
  AT_DisableRule: { setting: 'rule switch', lock: 'ACCESS EXCLUSIVE' },
  // The old application leaves the column out and counts on its sequence, or on its expression.
  AT_DropIdentity: { setting: 'identity', lock: 'ACCESS EXCLUSIVE', narrowing: true },
  AT_DropExpression: { setting: 'expression', lock: 'ACCESS EXCLUSIVE', narrowing: true },
  AT_AddOf: { setting: 'row type', lock: 'ACCESS EXCLUSIVE' },
  AT_DropOf: { setting: 'row type', lock: 'ACCESS EXCLUSIVE' },
  // The syntax of old versions, which changes nothing.
  AT_DropOids: { setting: 'row type', lock: 'ACCESS EXCLUSIVE' },
  AT_GenericOptions: { setting: 'foreign options', lock: 'ACCESS EXCLUSIVE' },
  AT_AlterColumnGenericOptions: { setting: 'foreign options', lock: 'ACCESS EXCLUSIVE' },
};

/** Of a column; every other subcommand that has a name means another object by it. */
const ofColumn: ReadonlySet<string> = new Set([
  'AT_AddIdentity',
  'AT_SetIdentity',
  'AT_DropIdentity',
  'AT_DropExpression',
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetStorage',
  'AT_SetCompression',
]);

/** What is set of an object that no reader or writer of a table waits for. */
const objectSettings: Readonly<Record<string, Setting>> = {
  AlterOwnerStmt: { setting: 'owner', lock: null },
  AlterFunctionStmt: { setting: 'function options', lock: null },
  AlterTypeStmt: { setting: 'type options', lock: null },
  AlterOperatorStmt: { setting: 'operator options', lock: null },
  AlterOpFamilyStmt: { setting: 'operator family', lock: null },
  AlterCollationStmt: { setting: 'collation version', lock: null },
  AlterStatsStmt: { setting: 'statistics target', lock: null },
  AlterTSConfigurationStmt: { setting: 'text search configuration', lock: null },
  AlterTSDictionaryStmt: { setting: 'text search dictionary', lock: null },
  AlterObjectDependsStmt: { setting: 'extension dependency', lock: null },
  AlterExtensionContentsStmt: { setting: 'extension members', lock: null },
  AlterEventTrigStmt: { setting: 'event trigger switch', lock: null },
  AlterForeignServerStmt: { setting: 'foreign options', lock: null },
  AlterUserMappingStmt: { setting: 'foreign options', lock: null },
  AlterFdwStmt: { setting: 'foreign options', lock: null },
  AlterRoleStmt: { setting: 'role', lock: null },
  AlterRoleSetStmt: { setting: 'role settings', lock: null },
  AlterDatabaseStmt: { setting: 'database settings', lock: null },
  AlterDatabaseSetStmt: { setting: 'database settings', lock: null },
  // Of objects that do not exist yet: nobody loses what he has.
  AlterDefaultPrivilegesStmt: { setting: 'default privileges', lock: null },
};

/** ALTER TABLE spelled for an index, a sequence or a view: nothing that anybody waits for. */
const otherRelations: Readonly<Partial<Record<string, ReadonlySet<string>>>> = {
  OBJECT_INDEX: new Set(['AT_SetRelOptions', 'AT_ResetRelOptions', 'AT_SetStatistics']),
  OBJECT_SEQUENCE: new Set(['AT_ChangeOwner', 'AT_SetLogged', 'AT_SetUnLogged']),
  OBJECT_VIEW: new Set(['AT_ChangeOwner', 'AT_SetRelOptions', 'AT_ResetRelOptions', 'AT_ColumnDefault']),
};

export type DecodedSetting = Setting & {
  readonly table: RelationName | null;
  readonly column?: string;
  readonly sequence?: RelationName;
};

export function decodeSetting({ node }: StatementPart): DecodedSetting | null {
  const [tag = ''] = Object.keys(node);
  const ofObject = objectSettings[tag];
  if (ofObject !== undefined) return { ...ofObject, table: null };
  if ('AlterTableStmt' in node) return ofRelation(node.AlterTableStmt);
  if ('CommentStmt' in node || 'SecLabelStmt' in node)
    return 'CommentStmt' in node
      ? ofComment('comment', node.CommentStmt)
      : ofComment('security label', node.SecLabelStmt);
  if ('GrantStmt' in node) return grantOrRevoke(node.GrantStmt.is_grant === true);
  if ('GrantRoleStmt' in node) return grantOrRevoke(node.GrantRoleStmt.is_grant === true);
  if ('AlterPolicyStmt' in node)
    return {
      setting: 'policy',
      lock: 'ACCESS EXCLUSIVE',
      narrowing: true,
      table: relationName(node.AlterPolicyStmt.table),
    };
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

function ofRelation({ relation, cmds, objtype }: AlterTableStmt): DecodedSetting | null {
  const command = cmds?.[0];
  if (command === undefined || !('AlterTableCmd' in command)) return null;
  const { subtype = 'AT_AddColumn', name, def } = command.AlterTableCmd;
  const allowed = otherRelations[objtype ?? ''];
  if (allowed !== undefined)
    return allowed.has(subtype) ? { setting: 'owner or options', lock: null, table: null } : null;
  if (objtype === 'OBJECT_TYPE') return null;
  const setting = subtype === 'AT_AlterConstraint' ? deferral(def) : tableSettings[subtype];
  if (setting === undefined) return null;
  const column = ofColumn.has(subtype) ? name : undefined;
  return { ...setting, table: relationName(relation), ...(column === undefined ? {} : { column }) };
}

/**
 * ALTER CONSTRAINT of a foreign key. That it may be deferred is a widening; that it is, or no longer may be, changes when
 * the old application hears of an error. Whether it is enforced is another matter, and not known here.
 */
function deferral(def: Node | undefined): Setting | undefined {
  const attributes =
    def === undefined
      ? undefined
      : 'ATAlterConstraint' in def
        ? def.ATAlterConstraint
        : 'Constraint' in def
          ? def.Constraint
          : undefined;
  if (attributes === undefined) return undefined;
  if ('alterEnforceability' in attributes || 'alterInheritability' in attributes) return undefined;
  const widening = attributes.deferrable === true && attributes.initdeferred !== true;
  return { setting: 'constraint deferral', lock: 'ACCESS EXCLUSIVE', narrowing: !widening };
}

function grantOrRevoke(grants: boolean): DecodedSetting {
  return { setting: grants ? 'grant' : 'revoke', lock: null, table: null, narrowing: !grants };
}

/** `SELECT setval(…)`, alone. */
function isSetval({ targetList, fromClause }: SelectStmt): boolean {
  const [target] = targetList ?? [];
  if (targetList?.length !== 1 || target === undefined || !('ResTarget' in target)) return false;
  const { val } = target.ResTarget;
  const calls = val === undefined ? [] : functionCalls(val);
  return calls.length > 0 && calls[0]?.name === 'setval' && (fromClause ?? []).length <= 1;
}

type Described = { readonly objtype?: string; readonly object?: Node };

/** COMMENT takes SHARE UPDATE EXCLUSIVE on a table and for its columns (measured: comment_on_table, comment_on_column). */
function ofComment(setting: string, { objtype, object }: Described): DecodedSetting {
  const lock = 'SHARE UPDATE EXCLUSIVE';
  if (objtype !== undefined && describedRelations.has(objtype)) return { setting, lock, table: objectName(object) };
  if (objtype === 'OBJECT_COLUMN' && object !== undefined && 'List' in object) {
    const path = stringValues(object.List.items);
    const table = path.at(-2);
    const column = path.at(-1);
    if (table !== undefined && column !== undefined)
      return { setting, lock, table: { schema: path.at(-3) ?? null, name: table }, column };
  }
  return { setting, lock: null, table: null };
}

const describedRelations: ReadonlySet<string> = new Set(['OBJECT_TABLE', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE']);
