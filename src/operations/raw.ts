/**
 * What no other operation knows (row 32): DO blocks, CALL, MERGE, anything new. It is run as written, in its place, and
 * shown as opaque: nothing is claimed about its locks, and the catalog is read anew after it.
 */
import { addUncertainty } from '../catalog/edit.ts';
import type { Raw } from './change.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import type { StatementPart } from './decode/statement-parts.ts';
import { statementTitle } from './pieces/direct.ts';
import { cannotUndo, nothingToUndo, outsideTransaction, transactional } from './step-draft.ts';
import { touchesEverything } from './touch.ts';

export const raw: Operation<Raw> = {
  kind: 'raw',

  decode: (part) => [
    { kind: 'raw', sql: part.sql, what: describe(part), outsideTransaction: isOutsideTransaction(part) },
  ],

  apply: (catalog, change) =>
    harmless.has(change.what) ? catalog : addUncertainty(catalog, `${change.what}: ${statementTitle(change.sql)}`),

  touches: (change) => (harmless.has(change.what) ? { reads: [], writes: [] } : touchesEverything),

  effects: () => ({ ...noEffects, unknown: true }),

  plan: (change, { catalog }) => [
    {
      phase: 'expand',
      title: `Run as written: ${statementTitle(change.sql)}`,
      run: change.outsideTransaction ? outsideTransaction(change.sql, null) : transactional(change.sql),
      undo: raw.undo(change, catalog),
      notes: [
        'This statement is opaque: what it locks and changes is not known.',
        ...(change.outsideTransaction && isProcedural(change) ? [beginsAgain] : []),
      ],
    },
  ],

  undo: (change) =>
    harmless.has(change.what) || change.what === 'REINDEX'
      ? nothingToUndo
      : cannotUndo(`nothing is known of what "${statementTitle(change.sql)}" did`),
};

const beginsAgain =
  'It runs outside a transaction, because it may commit. If it is cut off, what it committed stays, and the next run ' +
  'begins it again.';

function isProcedural({ what }: Raw): boolean {
  return what === 'CALL' || what === 'DO block';
}

/** They change neither the schema nor the rows. */
const harmless: ReadonlySet<string> = new Set(['LISTEN', 'NOTIFY', 'CHECKPOINT', 'ANALYZE', 'VACUUM']);

/** In words: the statement's node without its suffix, in the common cases its SQL name. */
function describe({ node }: StatementPart): string {
  const tag = Object.keys(node)[0] ?? 'statement';
  if (tag === 'DoStmt') return 'DO block';
  if ('VacuumStmt' in node) return node.VacuumStmt.is_vacuumcmd === true ? 'VACUUM' : 'ANALYZE';
  if (tag === 'AlterTableStmt') return 'ALTER TABLE';
  return tag
    .replace(/Stmt$/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
}

/** Postgres refuses these inside a transaction block (measured: in_tx.*). */
function isOutsideTransaction({ node, sql }: StatementPart): boolean {
  if ('DoStmt' in node) return /\b(?:commit|rollback)\b(?:\s+and\s+(?:no\s+)?chain\b)?\s*;/i.test(sql);
  if ('VacuumStmt' in node) return node.VacuumStmt.is_vacuumcmd === true;
  if ('ReindexStmt' in node) {
    const { kind, params } = node.ReindexStmt;
    const concurrently = (params ?? []).some((item) => 'DefElem' in item && item.DefElem.defname === 'concurrently');
    return concurrently || (kind !== 'REINDEX_OBJECT_INDEX' && kind !== 'REINDEX_OBJECT_TABLE');
  }
  if ('AlterTableStmt' in node) {
    return (node.AlterTableStmt.cmds ?? []).some(
      (item) =>
        'AlterTableCmd' in item &&
        item.AlterTableCmd.def !== undefined &&
        'PartitionCmd' in item.AlterTableCmd.def &&
        item.AlterTableCmd.def.PartitionCmd.concurrent === true,
    );
  }
  return 'CreatedbStmt' in node || 'DropdbStmt' in node || 'CreateTableSpaceStmt' in node || 'AlterSystemStmt' in node;
}
