/**
 * What no other operation knows (row 32): DO blocks, CALL, MERGE, anything new. It is run as written, in its place.
 *
 * A block of PL/pgSQL, and a function that is called, is looked into: what its statements lock and change is known as
 * far as they stand in it. Whatever is put together when it runs is not, and the plan says so: nothing is guessed.
 */
import { nameForNew, resolveTable } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type ObjectKey, type QualifiedName } from '../catalog/model.ts';
import { addUncertainty } from '../catalog/edit.ts';
import { blocksReads, blocksWrites } from '../postgres/lock-mode.ts';
import { endsTransaction, parseCodeBlock, type CodeBlock } from '../sql/code-block.ts';
import { visit } from '../sql/walk.ts';
import type { Change, Raw } from './change.ts';
import { noEffects, type Effects } from './effects.ts';
import type { Operation, PlanDirectives, Touches } from './operation.ts';
import type { StatementPart } from './decode/statement-parts.ts';
import { outcomeOfCode, type CodeOutcome, type Statements } from './pieces/code-outcome.ts';
import { statementTitle } from './pieces/direct.ts';
import {
  cannotUndo,
  nothingToUndo,
  outsideTransaction,
  transactional,
  undoBy,
  type Probe,
  type Undo,
} from './step-draft.ts';
import { touchesEverything } from './touch.ts';

/** What a block needs to know of the statements inside it; they are other operations' business. */
export type Inner = Statements & {
  readonly effects: (change: Change, catalog: Catalog) => Effects;
  readonly touches: (change: Change, catalog: Catalog, directives: PlanDirectives) => Touches;
  readonly undo: (change: Change, catalog: Catalog) => Undo;
};

/** Null when nothing at all is known of it. */
export function outcomeOfRaw({ code }: Raw, catalog: Catalog, inner: Statements): CodeOutcome | null {
  return code === null ? null : outcomeOfCode(code, catalog, inner);
}

export function rawOperation(inner: Inner): Operation<Raw> {
  const outcomeOf = (change: Raw, catalog: Catalog) => outcomeOfRaw(change, catalog, inner);
  const undo = (change: Raw, catalog: Catalog): Undo => {
    if (harmless.has(change.what) || change.what === 'REINDEX') return nothingToUndo;
    const outcome = outcomeOf(change, catalog);
    if (outcome?.hasSideEffects === true) return cannotUndo(`"${statementTitle(change.sql)}" has effects of its own`);
    if (outcome?.certain === true) return undoOfAll(outcome.runs, catalog, inner);
    const title = `"${statementTitle(change.sql)}"`;
    if (outcome?.unknown.length === 0) return cannotUndo(`nothing is known of which statements ran inside ${title}`);
    return cannotUndo(`nothing is known of what ${title} did`);
  };
  return {
    kind: 'raw',

    decode: (part) => [
      {
        kind: 'raw',
        sql: part.sql,
        what: describe(part),
        outsideTransaction: isOutsideTransaction(part),
        code: codeOf(part),
      },
    ],

    apply(catalog, change) {
      if (harmless.has(change.what)) return catalog;
      const outcome = outcomeOf(change, catalog);
      if (outcome?.certain === true) return outcome.runs.reduce(inner.apply, catalog);
      if (outcome !== null && keepsSchema(outcome)) return catalog;
      return addUncertainty(catalog, `${change.what}: ${statementTitle(change.sql)}`);
    },

    touches(change, catalog, directives) {
      if (harmless.has(change.what)) return { reads: [], writes: [] };
      const outcome = outcomeOf(change, catalog);
      if (outcome === null || outcome.unknown.length > 0) return touchesEverything;
      const touches = folded(outcome.possible, catalog, inner).map(([each, before]) =>
        inner.touches(each, before, directives),
      );
      return { reads: touches.flatMap(({ reads }) => reads), writes: touches.flatMap(({ writes }) => writes) };
    },

    effects(change, catalog) {
      const outcome = outcomeOf(change, catalog);
      if (outcome === null) return { ...noEffects, unknown: true };
      const all = folded(outcome.possible, catalog, inner).map(([each, before]) => inner.effects(each, before));
      // Nobody can wait for what the block itself creates.
      const made = new Set(outcome.possible.flatMap((each) => createdTable(each, catalog)));
      const isThere = (table: QualifiedName): boolean => !made.has(objectKey(table));
      return {
        locks: all.flatMap(({ locks }) => locks.filter(({ table }) => isThere(table))),
        rewrites: all.flatMap(({ rewrites }) => rewrites.filter(isThere)),
        scans: all.flatMap(({ scans }) => scans.filter(isThere)),
        indexBuilds: all.flatMap(({ indexBuilds }) => indexBuilds.filter(isThere)),
        drops: all.flatMap(({ drops }) => drops),
        unknown: outcome.unknown.length > 0 || all.some(({ unknown }) => unknown),
      };
    },

    plan(change, { catalog, isNew }) {
      const outcome = outcomeOf(change, catalog);
      const alone = change.outsideTransaction || outcome?.endsTransaction === true;
      return [
        {
          phase: 'expand',
          title: `Run as written: ${statementTitle(change.sql)}`,
          run: alone ? outsideTransaction(change.sql, probeOf(outcome, catalog)) : transactional(change.sql),
          undo: undo(change, catalog),
          notes:
            outcome === null
              ? [nothingKnown]
              : [
                  ...knowledge(outcome, alone && isProcedural(change)),
                  ...(isCode(change) ? waits(outcome, catalog, inner, isNew) : []),
                ],
        },
      ];
    },

    undo,
  };
}

/** A build that was cut off leaves an invalid index, whoever asked for it. Under a name that the server chose it cannot be found. */
function probeOf(outcome: CodeOutcome | null, catalog: Catalog): Probe | null {
  const [only, ...more] = outcome?.certain === true ? outcome.runs : [];
  if (only?.kind !== 'create_index' || only.name === null || more.length > 0) return null;
  const table = resolveTable(catalog, only.table);
  return table === null
    ? null
    : { kind: 'index_valid', table: { schema: table.schema, name: table.name }, index: only.name };
}

function createdTable(change: Change, before: Catalog): readonly ObjectKey[] {
  if (change.kind !== 'create_table' || resolveTable(before, change.table) !== null) return [];
  return [objectKey(nameForNew(before, change.table))];
}

const nothingKnown = 'This statement is opaque: what it locks and changes is not known.';

function knowledge({ unknown, certain }: CodeOutcome, mayCommit: boolean): readonly string[] {
  return [
    ...(unknown.length === 0 ? [] : [`This statement is opaque in part. Not known: ${unknown.join('; ')}.`]),
    ...(unknown.length > 0 || certain ? [] : ['Which of its statements run is decided while it runs.']),
    ...(mayCommit ? [beginsAgain] : []),
  ];
}

const beginsAgain =
  'It runs outside a transaction, because it may commit. If it is cut off, what it committed stays, and the next run ' +
  'begins it again.';

/** Statements that would be planned online if they stood alone. */
function waits(
  { possible }: CodeOutcome,
  catalog: Catalog,
  inner: Inner,
  isNew: (table: QualifiedName) => boolean,
): readonly string[] {
  return folded(possible, catalog, inner).flatMap(([change, before]) => {
    const { locks, rewrites, scans, indexBuilds } = inner.effects(change, before);
    const inUse = ({ table, mode }: (typeof locks)[number]) =>
      !isNew(table) && (blocksReads(mode) || blocksWrites(mode));
    const held = locks.find(inUse);
    const slow = [...rewrites, ...indexBuilds, ...scans].find((table) => !isNew(table));
    if (held === undefined || slow === undefined) return [];
    const waiting = blocksReads(held.mode) ? 'Reads and writes' : 'Writes';
    const work = rewrites.includes(slow) ? 'written anew' : 'read from end to end';
    return [
      `${waiting} of ${held.table.name} wait while ${slow.name} is ${work} by "${statementTitle(change.sql)}". ` +
        'Write that statement outside the block: it is then planned so that nobody waits.',
    ];
  });
}

/** Each with the schema that it meets. */
function folded(changes: readonly Change[], catalog: Catalog, inner: Inner): readonly (readonly [Change, Catalog])[] {
  let before = catalog;
  return changes.map((change) => {
    const pair = [change, before] as const;
    before = inner.apply(before, change);
    return pair;
  });
}

function undoOfAll(changes: readonly Change[], catalog: Catalog, inner: Inner): Undo {
  const undos = folded(changes, catalog, inner).map(([change, before]) => inner.undo(change, before));
  const impossible = undos.find((undo) => undo.kind === 'impossible');
  const actions = undos.toReversed().flatMap((undo) => (undo.kind === 'actions' ? undo.actions : []));
  return impossible ?? (actions.length === 0 ? nothingToUndo : undoBy(...actions));
}

/** At most rows are changed. */
function keepsSchema({ possible, unknown }: CodeOutcome): boolean {
  return unknown.length === 0 && possible.every(({ kind }) => withoutSchema.has(kind));
}

const withoutSchema: ReadonlySet<string> = new Set(['change_rows', 'truncate', 'lock_table', 'vacuum', 'refresh_view']);

function codeOf({ node, sql }: StatementPart): CodeBlock | null {
  if ('DoStmt' in node) return parseCodeBlock(sql);
  const reads = 'SelectStmt' in node && node.SelectStmt.intoClause === undefined && !changesRows(node);
  return reads || 'CallStmt' in node ? { parts: [{ kind: 'value', sql }], hasVariables: false } : null;
}

/** `WITH gone AS (DELETE …) SELECT …` */
function changesRows(node: unknown): boolean {
  let found = false;
  visit(node, (tag) => {
    found ||= tag === 'InsertStmt' || tag === 'UpdateStmt' || tag === 'DeleteStmt' || tag === 'MergeStmt';
  });
  return found;
}

/** Not a plain statement that a person wants to run as it is. */
function isCode({ what }: Raw): boolean {
  return what === 'CALL' || what === 'DO block' || what === 'SELECT';
}

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
  if ('DoStmt' in node) return endsTransaction(parseCodeBlock(sql)?.parts ?? []);
  if ('VacuumStmt' in node) return node.VacuumStmt.is_vacuumcmd === true;
  if ('IndexStmt' in node) return node.IndexStmt.concurrent === true;
  if ('DropStmt' in node) return node.DropStmt.concurrent === true;
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
