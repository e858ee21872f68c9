/** What the catalog knows of a setting after it: as far as later statements of the same files are planned by it. */
import type { AlterPolicyStmt, AlterTableCmd } from '@pgsql/types';
import { blankPolicy, blankSequence } from '../../catalog/blank.ts';
import {
  addSequence,
  dropObject,
  updateColumn,
  updateConstraint,
  updateSequence,
  updateTable,
} from '../../catalog/edit.ts';
import { expressionColumns } from '../../catalog/expression-columns.ts';
import { columnOf, relationExists, resolveSequence, resolveTable } from '../../catalog/lookup.ts';
import { objectKey, type Catalog, type Column, type Policy, type Table } from '../../catalog/model.ts';
import { chooseName } from '../../postgres/names.ts';
import { emitExpression } from '../../sql/emit.ts';
import { parseStatements, type StatementNode } from '../../sql/parse.ts';
import type { AlterSetting } from '../change.ts';
import { withComment } from './comment-in-catalog.ts';
import { withColumnsGranted } from './granted-columns.ts';
import { familyOf } from './table-family.ts';

export function withSetting(catalog: Catalog, change: AlterSetting): Catalog {
  if (change.setting === 'grant' || change.setting === 'revoke') return withColumnsGranted(catalog, change.sql);
  if (change.setting === 'comment') return withComment(catalog, change.sql);
  const table = change.table === null ? null : resolveTable(catalog, change.table);
  if (table === null) return catalog;
  const column = change.column === null ? null : columnOf(table, change.column);
  const command = tableCommandOf(change.sql);
  switch (change.setting) {
    case 'sequence owner': {
      const sequence = change.sequence === null ? null : resolveSequence(catalog, change.sequence);
      if (sequence === null || change.column === null) return catalog;
      const ownedBy = { table: { schema: table.schema, name: table.name }, column: change.column };
      return updateSequence(catalog, sequence, (before) => ({ ...before, ownedBy }));
    }
    case 'identity':
      return column === null ? catalog : withIdentity(catalog, table, column, command);
    case 'expression':
      return familyOf(catalog, table).reduce(
        (edited, member) => updateColumn(edited, member, change.column ?? '', (each) => ({ ...each, generated: null })),
        catalog,
      );
    case 'statistics target':
      return familyOf(catalog, table).reduce(
        (edited, member) =>
          updateColumn(edited, member, change.column ?? '', (each) => ({
            ...each,
            statisticsTarget: statisticsTarget(command),
          })),
        catalog,
      );
    case 'row level security':
      return updateTable(catalog, table, (each) => ({ ...each, rowSecurity: rowSecurity(each, command.subtype) }));
    case 'constraint deferral': {
      const def = command.def;
      if (def === undefined || !('ATAlterConstraint' in def)) return catalog;
      const { conname = '', deferrable, initdeferred } = def.ATAlterConstraint;
      return updateConstraint(catalog, table, conname, (constraint) => ({
        ...constraint,
        deferrable: deferrable === true,
        initiallyDeferred: initdeferred === true,
      }));
    }
    case 'policy':
      return updateTable(catalog, table, (each) => ({ ...each, policies: withPolicy(each, change.sql) }));
    default:
      return catalog;
  }
}

/** The one command of an ALTER TABLE; empty for other statements. */
export function tableCommandOf(statement: string): AlterTableCmd {
  const node = parseStatements(statement)[0]?.node;
  const command = node !== undefined && 'AlterTableStmt' in node ? node.AlterTableStmt.cmds?.[0] : undefined;
  return command !== undefined && 'AlterTableCmd' in command ? command.AlterTableCmd : {};
}

/** Options of its sequence are the server's to know. */
function withIdentity(catalog: Catalog, table: Table, column: Column, { subtype, def }: AlterTableCmd): Catalog {
  const identified = (identity: Column['identity']): Catalog =>
    updateColumn(catalog, table, column.name, (each) => ({ ...each, identity }));
  if (subtype === 'AT_DropIdentity') {
    if (column.identity === null) return catalog;
    return dropObject(identified(null), 'sequences', objectKey(column.identity.sequence));
  }
  if (subtype !== 'AT_AddIdentity' || column.identity !== null) return catalog;
  const always = def !== undefined && 'Constraint' in def && def.Constraint.generated_when === 'a';
  const name = chooseName({ table: table.name, columns: [column.name], label: 'seq' }, (candidate) =>
    relationExists(catalog, { schema: table.schema, name: candidate }),
  );
  const sequence = { schema: table.schema, name };
  const type = column.type === 'smallint' || column.type === 'integer' ? column.type : 'bigint';
  const ownedBy = { table: { schema: table.schema, name: table.name }, column: column.name };
  return addSequence(
    identified({ kind: always ? 'always' : 'by default', sequence }),
    blankSequence(sequence, { type, ownedBy, identity: true }),
  );
}

/** -1 and DEFAULT are the server's own. */
function statisticsTarget({ def }: AlterTableCmd): number | null {
  const target = def !== undefined && 'Integer' in def ? (def.Integer.ival ?? 0) : -1;
  return target < 0 ? null : target;
}

function rowSecurity({ rowSecurity: before }: Table, subtype: AlterTableCmd['subtype']): Table['rowSecurity'] {
  switch (subtype) {
    case 'AT_EnableRowSecurity':
      return { ...before, enabled: true };
    case 'AT_DisableRowSecurity':
      return { ...before, enabled: false };
    case 'AT_ForceRowSecurity':
      return { ...before, forced: true };
    case 'AT_NoForceRowSecurity':
      return { ...before, forced: false };
    default:
      return before;
  }
}

function withPolicy({ policies, ...table }: Table, statement: string): readonly Policy[] {
  const node: StatementNode | undefined = parseStatements(statement)[0]?.node;
  if (node === undefined || !('AlterPolicyStmt' in node)) return policies;
  const { policy_name, qual, with_check, roles } = node.AlterPolicyStmt;
  return policies.map((policy) =>
    policy.name !== policy_name
      ? policy
      : {
          ...policy,
          ...withConditions(policy, { qual, with_check }, table.name),
          ...(roles === undefined || roles.length === 0
            ? {}
            : { roles: roles.map((role) => ('RoleSpec' in role ? (role.RoleSpec.rolename ?? 'public') : 'public')) }),
        },
  );
}

type Conditions = {
  readonly qual?: AlterPolicyStmt['qual'] | undefined;
  readonly with_check?: AlterPolicyStmt['with_check'] | undefined;
};

function withConditions(
  before: Pick<Policy, 'using' | 'withCheck'>,
  { qual, with_check }: Conditions,
  tableName: string,
): Pick<Policy, 'using' | 'withCheck' | 'columns'> {
  const using = qual === undefined ? before.using : emitExpression(qual);
  const withCheck = with_check === undefined ? before.withCheck : emitExpression(with_check);
  const columns = [using, withCheck].flatMap((one) => (one === null ? [] : (expressionColumns(one, tableName) ?? [])));
  return { using, withCheck, columns: [...new Set(columns)].toSorted() };
}

/** The policy of a CREATE POLICY, as far as later statements are planned by it. */
export function policyFrom(statement: string, name: string, tableName: string): Policy {
  const node = parseStatements(statement)[0]?.node;
  if (node === undefined || !('CreatePolicyStmt' in node)) return blankPolicy(name);
  const { permissive, ...conditions } = node.CreatePolicyStmt;
  const none = { using: null, withCheck: null };
  return blankPolicy(name, { permissive: permissive === true, ...withConditions(none, conditions, tableName) });
}
