/**
 * One migration's steps, in the order in which they run, before locks and ids are put on them.
 *
 * A change on tables that nobody uses yet (created by the same pending migrations) runs as written; so does one on a
 * small table unless it needs a backfill. Everything else goes the way its operation knows.
 */
import { resolveTable, tableNamed } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type QualifiedName } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import type { Change } from '../operations/change.ts';
import {
  applyChange,
  decodeStatement,
  effectsOf,
  operations,
  planChange,
  touchesOf,
  undoOf,
} from '../operations/index.ts';
import type { PlanDirectives } from '../operations/operation.ts';
import { ownSettings } from '../operations/set-session.ts';
import {
  nothingToUndo,
  transactional,
  undoBy,
  type Phase,
  type StepDraft,
  type Undo,
} from '../operations/step-draft.ts';
import { statementTitle } from '../operations/pieces/direct.ts';
import type { Directive } from '../sql/directives.ts';
import { parseFile, type SqlStatement } from '../sql/parse.ts';
import type { SettledDraft, UnannotatedMigration } from './annotate.ts';
import type { MigrationFile } from './migration-file.ts';
import { isBefore, latest, type History } from './order.ts';
import type { PlanOptions } from './planner.ts';
import { movesRows, tablesOf } from './tables-of.ts';
import { versionNotes } from './version-notes.ts';
import { withoutConcurrently } from './without-concurrently.ts';

export type DraftOutcome = { readonly migration: UnannotatedMigration; readonly catalog: Catalog };

export function draftMigration(
  file: MigrationFile,
  before: Catalog,
  history: History,
  options: PlanOptions,
): DraftOutcome {
  const parsed = parseFile(file.source, { file: file.path });
  refuseSections(file, parsed.sections);
  const isNew = (table: QualifiedName): boolean =>
    history.createdTables.has(objectKey(table)) || isUnused(before, table, options);
  const settled: SettledDraft[] = [];
  const notes: string[] = [];
  const changes: Change[] = [];
  let waitsFor: string | null = null;
  let settings: Readonly<Record<string, string>> = {};
  let catalog = before;
  const createdHere = (table: QualifiedName): boolean => history.createdTables.get(objectKey(table)) === file.name;

  for (const statement of parsed.statements) {
    const directives = directivesOf(statement.directives);
    const asWritten = statement.directives.find((directive) => directive.kind === 'raw');
    const decoded =
      asWritten === undefined
        ? decodeStatement(statement)
        : (operations.raw.decode({ node: statement.node, sql: statement.text }) ?? []);
    const drafts: SettledDraft[] = [];
    let allDirect = decoded.length > 1;
    const undos: Undo[] = [];
    for (const change of decoded) {
      const touches = touchesOf(change, catalog);
      const floor = history.floorFor(file.name, touches);
      const isNewColumn = (table: QualifiedName, column: string) =>
        isNew(table) || history.createdColumns.has(`${objectKey(table)}.${column}`);
      const context = { catalog, migration: file.name, directives, isNew, isNewColumn };
      const direct = asWritten === undefined && isDirect(change, catalog, isNew, options);
      // On a schema in between there is nothing to plan; the migration waits as a whole.
      const planned = floor.unfinished
        ? []
        : direct
          ? [directDraft(change, catalog, createdHere)]
          : at(file, statement, () => shortened(change, planChange(change, context), catalog, options));
      allDirect &&= direct && floor.phase === 'expand';
      undos.push(...planned.map((draft) => draft.undo));
      const lifted = planned.map((draft) => lift(draft, floor.phase, directives.phase));
      // Steps that stand in contract anyway follow the other migration's contract there; only an earlier one has to wait.
      if (floor.unfinished || lifted.some((draft, position) => draft !== planned[position]))
        waitsFor ??= floor.waitsFor;
      drafts.push(
        ...lifted.map((draft) => ({ draft, settings, mergeable: direct, ...workOf(change, catalog, isNew) })),
      );
      history.add(file.name, change, touches, latest(...lifted.map((draft) => draft.phase)));
      history.noteCreated(file.name, change, catalog);
      if (change.kind === 'set_session' && !ownSettings.has(change.name)) {
        const { [change.name]: _gone, ...rest } = settings;
        settings = change.value === null ? rest : { ...rest, [change.name]: change.value };
      }
      catalog = applyChange(catalog, change);
      if (change.kind === 'set_session' && change.value === null) catalog = inPathOf(before, catalog);
      changes.push(change);
    }
    // A statement that runs whole is kept whole: the person's own text, once.
    settled.push(
      ...(allDirect
        ? [
            {
              draft: wholeStatement(statement, undos),
              settings,
              mergeable: true,
              locksOthers: drafts.some((each) => each.locksOthers),
              movesRows: drafts.some((each) => each.movesRows),
            },
          ]
        : drafts),
    );
    if (asWritten?.kind === 'raw') notes.push(`Line ${statement.line} runs as written: ${asWritten.reason}`);
  }
  return {
    catalog: inPathOf(before, catalog),
    migration: {
      name: file.name,
      checksum: file.checksum,
      drafts: inPhaseOrder(settled),
      notes,
      waitsFor,
      versions: versionNotes(changes, before, isNew),
    },
  };
}

/** What a file sets holds until its end, or until its RESET. */
function inPathOf({ searchPath }: Catalog, catalog: Catalog): Catalog {
  return { ...catalog, searchPath };
}

/** Statements that need several steps can only be planned from one plain list. */
function refuseSections(
  file: MigrationFile,
  sections: readonly { readonly section: string; readonly line: number }[],
): void {
  const manual = sections.find(({ section }) => section !== 'up' && section !== 'down');
  if (manual === undefined) return;
  throw new MigrateError(
    'UNSUPPORTED_FILE',
    `${file.path}:${manual.line}: files that are phased by hand (-- migrate:${manual.section}) are not supported yet.`,
    {
      hint: 'Write plain SQL and let the plan cut it into phases, or use -- migrate:phase contract above single statements.',
      details: { file: file.path, line: manual.line },
    },
  );
}

function directivesOf(directives: readonly Directive[]): PlanDirectives {
  const find = <K extends Directive['kind']>(kind: K) =>
    directives.find((directive): directive is Extract<Directive, { kind: K }> => directive.kind === kind);
  const batch = find('batch')?.options ?? {};
  return {
    using: find('using')?.expression ?? null,
    reverse: find('reverse')?.expression ?? null,
    phase: find('phase')?.phase ?? null,
    strategy: find('strategy')?.strategy ?? null,
    batch: { size: numberOr(batch['size'], null), pauseMs: numberOr(batch['pause'], null) },
  };
}

function numberOr(text: string | undefined, otherwise: number | null): number | null {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
}

function isUnused(catalog: Catalog, name: QualifiedName, options: PlanOptions): boolean {
  return options.unused && tableNamed(catalog, name)?.estimate?.rows === 0;
}

/** Whether nobody can notice the plain statement: it makes something new, or works on what is new. */
function isDirect(
  change: Change,
  catalog: Catalog,
  isNew: (table: QualifiedName) => boolean,
  options: PlanOptions,
): boolean {
  if (runsOutsideTransaction(change) && !options.unused) return false;
  if (change.kind === 'create_table' && change.partitionOf === null) return true;
  if (change.kind === 'create_object' && change.table === null) return true;
  const tables = tablesOf(change, catalog);
  return tables.length > 0 && tables.every(isNew);
}

/** What a neighbour in the same transaction would have to wait for, or keep waiting. */
function workOf(
  change: Change,
  catalog: Catalog,
  isNew: (table: QualifiedName) => boolean,
): Pick<SettledDraft, 'locksOthers' | 'movesRows'> {
  const locked = effectsOf(change, catalog).locks;
  return {
    locksOthers: locked.some(({ table }) => !isNew(table)),
    movesRows: movesRows(change),
  };
}

function runsOutsideTransaction(change: Change): boolean {
  return (change.kind === 'create_index' || change.kind === 'drop_index') && change.concurrently;
}

function directDraft(change: Change, catalog: Catalog, createdHere: (table: QualifiedName) => boolean): StepDraft {
  // Rows in a table that this same migration creates go with the table.
  const goesWithTable = change.kind === 'change_rows' && tablesOf(change, catalog).every(createdHere);
  return {
    phase: 'expand',
    title: statementTitle(change.sql),
    run: transactional(runsOutsideTransaction(change) ? withoutConcurrently(change.sql) : change.sql),
    undo: goesWithTable ? nothingToUndo : undoOf(change, catalog),
    notes: [],
  };
}

/** On a small table the plain statement takes the place of the careful steps, in the last of their phases; gates stay. */
function shortened(
  change: Change,
  drafts: readonly StepDraft[],
  catalog: Catalog,
  options: PlanOptions,
): readonly StepDraft[] {
  const limit = options.smallTable;
  const tables = tablesOf(change, catalog).map((name) => resolveTable(catalog, name));
  const small =
    limit !== null &&
    tables.length > 0 &&
    tables.every(
      (table) =>
        table !== null &&
        table.estimate !== null &&
        table.estimate.rows <= limit.rows &&
        table.estimate.bytes <= limit.bytes,
    );
  const careful = drafts.filter(({ run }) => run.kind !== 'gate');
  if (
    !small ||
    careful.length <= 1 ||
    careful.some(({ run }) => run.kind === 'backfill') ||
    runsOutsideTransaction(change)
  )
    return drafts;
  const phase = latest(...careful.map((draft) => draft.phase));
  return [
    ...drafts.filter(({ run }) => run.kind === 'gate'),
    {
      phase,
      title: statementTitle(change.sql),
      run: transactional(change.sql),
      undo: undoOf(change, catalog),
      notes: ['The table is small, so the statement runs as written.'],
    },
  ];
}

function lift(draft: StepDraft, floor: Phase, wanted: 'expand' | 'contract' | null): StepDraft {
  const chosen =
    wanted === null
      ? draft.phase
      : wanted === 'contract'
        ? 'contract'
        : draft.run.kind === 'backfill'
          ? draft.phase
          : 'expand';
  const phase = isBefore(chosen, floor) ? floor : chosen;
  return phase === draft.phase ? draft : { ...draft, phase };
}

function wholeStatement(statement: SqlStatement, undos: readonly Undo[]): StepDraft {
  const impossible = undos.find((undo) => undo.kind === 'impossible');
  const undo =
    impossible ?? undoBy(...undos.toReversed().flatMap((each) => (each.kind === 'actions' ? each.actions : [])));
  return {
    phase: 'expand',
    title: statementTitle(statement.text),
    run: transactional(statement.text),
    undo,
    notes: [],
  };
}

/** Stable: within a phase the file's order is kept, except that gates which guard a whole phase come first. */
function inPhaseOrder(drafts: readonly SettledDraft[]): readonly SettledDraft[] {
  const order: readonly Phase[] = ['expand', 'backfill', 'contract'];
  return order.flatMap((phase) => drafts.filter(({ draft }) => draft.phase === phase));
}

/** Puts file and line in front of what an operation has to say. */
function at<T>(file: MigrationFile, statement: SqlStatement, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MigrateError) || error.details['line'] !== undefined) throw error;
    throw new MigrateError(error.code, `${file.path}:${statement.line}: ${error.message}`, {
      ...(error.hint === null ? {} : { hint: error.hint }),
      details: { ...error.details, file: file.path, line: statement.line, migration: file.name },
      cause: error.cause,
    });
  }
}
