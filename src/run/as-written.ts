/**
 * A migration for a database that was empty when the run began: its statements as they are written, as one step in one
 * transaction. No plan can be better there, because nobody uses the tables, and none can be faster.
 *
 * Null for a file that needs the planner: one that is phased by hand, or that has statements which cannot share a
 * transaction.
 */
import { statementTitle } from '../operations/pieces/direct.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import type { PlannedMigration, Step } from '../plan/plan.ts';
import { emit } from '../sql/emit.ts';
import { parseFile, type SqlStatement } from '../sql/parse.ts';

export function asWritten(file: MigrationFile): PlannedMigration | null {
  const { statements, sections } = parseFile(file.source, { file: file.path });
  if (sections.some(({ section }) => section !== 'up')) return null;
  const texts: string[] = [];
  let opaque = false;
  for (const statement of statements) {
    const kind = kindOf(statement);
    if (kind === 'planner') return null;
    if (kind === 'nothing') continue;
    opaque ||= kind === 'opaque';
    texts.push(kind === 'rewritten' ? forOneTransaction(statement) : statement.text);
  }
  const steps = texts.length === 0 ? [] : [stepOf(texts, opaque)];
  return { name: file.name, checksum: file.checksum, steps, notes: [], waitsFor: null, versions: [] };
}

type Kind =
  /** Can stand in a transaction, and changes nothing but what it says. */
  | 'plain'
  /** The same with rows or functions that may do anything else, for instance change a setting. */
  | 'opaque'
  /** Has to be said differently in a transaction of its own file. */
  | 'rewritten'
  /** BEGIN and COMMIT around what is one transaction anyway. */
  | 'nothing'
  | 'planner';

function kindOf({ node }: SqlStatement): Kind {
  if ('IndexStmt' in node) return node.IndexStmt.concurrent === true ? 'rewritten' : 'plain';
  if ('DropStmt' in node) return node.DropStmt.concurrent === true ? 'rewritten' : 'plain';
  if ('AlterTableStmt' in node) return detachesConcurrently(node.AlterTableStmt) ? 'planner' : 'plain';
  if ('TransactionStmt' in node) {
    const { kind } = node.TransactionStmt;
    return kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START' || kind === 'TRANS_STMT_COMMIT'
      ? 'nothing'
      : 'planner';
  }
  if ('VariableSetStmt' in node) return node.VariableSetStmt.kind === 'VAR_SET_VALUE' ? 'rewritten' : 'planner';
  const tag = Object.keys(node)[0] ?? '';
  if (plainTags.has(tag)) return 'plain';
  return opaqueTags.has(tag) ? 'opaque' : 'planner';
}

type AlterTable = Extract<SqlStatement['node'], { readonly AlterTableStmt: unknown }>['AlterTableStmt'];

function detachesConcurrently({ cmds: commands = [] }: AlterTable): boolean {
  return commands.some((command) => {
    const definition = 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
    return definition !== undefined && 'PartitionCmd' in definition && definition.PartitionCmd.concurrent === true;
  });
}

/** What migrations usually consist of. Whatever is missing here is only slower. */
const plainTags: ReadonlySet<string> = new Set([
  'AlterDefaultPrivilegesStmt',
  'AlterDomainStmt',
  'AlterEnumStmt',
  'AlterFunctionStmt',
  'AlterObjectSchemaStmt',
  'AlterOwnerStmt',
  'AlterPolicyStmt',
  'AlterSeqStmt',
  'CommentStmt',
  'CompositeTypeStmt',
  'CreateDomainStmt',
  'CreateEnumStmt',
  'CreateExtensionStmt',
  'CreateFunctionStmt',
  'CreatePolicyStmt',
  'CreateRoleStmt',
  'CreateRangeStmt',
  'CreateSchemaStmt',
  'CreateSeqStmt',
  'CreateStatsStmt',
  'CreateStmt',
  'CreateTableAsStmt',
  'CreateTrigStmt',
  'DefineStmt',
  'GrantRoleStmt',
  'GrantStmt',
  'RefreshMatViewStmt',
  'RenameStmt',
  'RuleStmt',
  'TruncateStmt',
  'ViewStmt',
]);

const opaqueTags: ReadonlySet<string> = new Set(['DeleteStmt', 'DoStmt', 'InsertStmt', 'SelectStmt', 'UpdateStmt']);

/** Nobody has to be kept from waiting, so an index is built plainly; a setting lasts as long as its file. */
function forOneTransaction({ node }: SqlStatement): string {
  if ('IndexStmt' in node) {
    const { concurrent: _, ...index } = node.IndexStmt;
    return emit({ IndexStmt: index });
  }
  if ('DropStmt' in node) {
    const { concurrent: _, ...drop } = node.DropStmt;
    return emit({ DropStmt: drop });
  }
  return emit('VariableSetStmt' in node ? { VariableSetStmt: { ...node.VariableSetStmt, is_local: true } } : node);
}

function stepOf(statements: readonly string[], opaque: boolean): Step {
  const [first = ''] = statements;
  const more = statements.length === 1 ? '' : ` and ${statements.length - 1} more`;
  return {
    id: 'expand-1',
    phase: 'expand',
    title: `${statementTitle(first)}${more}`,
    run: { kind: 'sql', statements, transaction: true, probe: null },
    undo: {
      kind: 'impossible',
      reason: 'it ran as written on a database that was empty; begin with an empty one again',
    },
    notes: [],
    locks: [],
    rewrites: [],
    scans: [],
    drops: [],
    opaque,
    duration: 'unknown',
    statementTimeoutMs: null,
    settings: {},
    exemption: null,
    estimate: null,
  };
}
