/**
 * One migration's steps, in the order in which they run, before locks and ids are put on them.
 *
 * A change on tables that nobody uses yet (created by the same pending migrations) runs as written; so does one on a
 * small table unless it needs a backfill. Everything else goes the way its operation knows.
 */
import { resolveTable, tableNamed } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type QualifiedName } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import type { PlanContext } from '../operations/operation.ts';
import {
  applyChange,
  decodeStatement,
  effectsOf,
  operations,
  planChange,
  statementsOfBlock,
  touchesOf,
  undoOf,
} from '../operations/index.ts';
import { ownSettings } from '../operations/set-session.ts';
import { nothingToUndo, transactional, type Phase, type StepDraft, type Undo } from '../operations/step-draft.ts';
import { statementTitle } from '../operations/pieces/direct.ts';
import { parseFile, type SqlStatement } from '../sql/parse.ts';
import { forwardStatements, isPhasedByHand, phaseSectionOf, rollbackStatements } from '../sql/sections.ts';
import type { SettledDraft, UnannotatedMigration } from './annotate.ts';
import { onForeignTable, refuseForeignRows } from './foreign-table.ts';
import { inSection, isEarly, refusePhaseDirective } from './hand-phased.ts';
import type { MigrationFile } from './migration-file.ts';
import { withRules } from './lifted-rules.ts';
import { looksUpRows } from './looked-up-rows.ts';
import { wayOf } from './make-way.ts';
import { missedWrites } from './missed-writes.ts';
import type { Exemption } from './plan.ts';
import { isBefore, latest, type History } from './order.ts';
import { refuseUnidentified } from './unidentified-rows.ts';
import { atStatement } from './at-statement.ts';
import { refuseBoundToFail } from './bound-to-fail.ts';
import { companionsOf } from './companions.ts';
import { directivesOf } from './plan-directives.ts';
import type { PlanOptions } from './plan-options.ts';
import { inPhaseOrder, together, type PlannedChange } from './phase-order.ts';
import { triggerValues } from './trigger-values.ts';
import { replacedDefaults, withDefaultDropped } from './replaced-default.ts';
import { withRollbackSection } from './rollback-section.ts';
import { withoutShortLivedRules } from './short-lived-column.ts';
import { movesRows, tablesOf } from './tables-of.ts';
import { carriesOver, refuseToCarryOver, unknownSchema } from './unknown-schema.ts';
import type { DatedChange } from './version-promises.ts';
import { whole, wholeStatement } from './whole-statement.ts';
import { withoutConcurrently } from './without-concurrently.ts';

export type DraftOutcome = {
  readonly migration: Omit<UnannotatedMigration, 'versions'>;
  readonly changes: readonly DatedChange[];
  readonly catalog: Catalog;
};

export function draftMigration(
  file: MigrationFile,
  before: Catalog,
  history: History,
  options: PlanOptions,
  /** Whether `before` goes back to a schema that was read: then it knows what is not there. */
  isRead: boolean,
): DraftOutcome {
  const parsed = parseFile(file.source, { file: file.path });
  const isNewIn = (phase: Phase) => (table: QualifiedName) =>
    history.isNewIn(table, phase) || isUnused(before, table, options);
  const isFilled = (table: QualifiedName): boolean => history.filledTables.has(objectKey(table));
  const plannedChanges: PlannedChange[] = [];
  const byHand = isPhasedByHand(parsed);
  const notes: string[] = byHand ? ['Phased by hand: each statement runs in the phase of its section.'] : [];
  const catalogsAfter = new Map<StepDraft, Catalog>();
  const changes: DatedChange[] = [];
  let waitsFor: string | null = null;
  let blockLine: number | null = null;
  // What an opaque statement has done to the schema is known only after it has run.
  let obscured: { readonly migration: string; readonly line: number | null } | null =
    history.obscuredBy === null ? null : { migration: history.obscuredBy, line: null };
  let settings: Readonly<Record<string, string>> = {};
  let catalog = before;
  const createdHere = (table: QualifiedName): boolean => history.creatorOf(table) === file.name;

  const asDecoded = forwardStatements(parsed).map((statement) => {
    const asWritten = statement.directives.find((directive) => directive.kind === 'raw');
    const directives = directivesOf(statement.directives);
    return { statement, asWritten, directives, decoded: decodeAs(statement, asWritten !== undefined, file) };
  });
  const shortLived = withoutShortLivedRules(
    asDecoded.flatMap(({ decoded, directives }) => decoded.map((change) => ({ change, directives }))),
  );
  const decodedStatements = asDecoded.map((each) => ({
    ...each,
    decoded: each.decoded.map((change) => shortLived.get(change) ?? change),
  }));
  const inOrder = decodedStatements.flatMap(({ statement, decoded, directives }) =>
    decoded.map((change) => ({ change, directives, section: phaseSectionOf(parsed, statement) })),
  );
  const defaults = replacedDefaults(inOrder.map(({ change }) => change));
  const unneeded = new Set<Change>(defaults.values());
  const carried = new Map<Change, Phases>();

  for (const { statement, asWritten, directives, decoded: written } of decodedStatements) {
    const section = phaseSectionOf(parsed, statement);
    if (section !== null) atStatement(file, statement, () => refusePhaseDirective(directives, section));
    const ofStatement: PlannedChange[] = [];
    const opened = asWritten === undefined && section === null ? openedBlock(written, catalog) : null;
    const decoded = opened ?? written;
    if (opened?.length === 0) {
      notes.push(`Line ${statement.line} has nothing to do: what the block would make is there.`);
      continue;
    }
    let allDirect = decoded.length > 1 || opened !== null;
    const undos: Undo[] = [];
    for (const change of decoded) {
      const touches = withRules(touchesOf(change, catalog, directives), change, directives, catalog);
      const values = triggerValues(change, directives.using, catalog);
      const floor = history.floorFor(file.name, touches, values);
      const isKnown = (table: QualifiedName) => isRead && !floor.unfinished && history.creatorOf(table) === null;
      if (asWritten === undefined && obscured === null)
        atStatement(file, statement, () =>
          refuseBoundToFail(change, opened === null ? decoded : [change], catalog, isKnown),
        );
      const isNew = isNewIn(section ?? latest(floor.phase, directives.phase ?? 'expand'));
      const isNewColumn = (table: QualifiedName, column: string) =>
        isNew(table) || history.createdColumns.has(`${objectKey(table)}.${column}`);
      const current = catalog;
      const isSmall = (table: QualifiedName) => isSmallTable(current, table, options);
      const ofFile = { migration: file.name, directives, isNew, isNewColumn, isSmall };
      const alone: PlanContext = { catalog, ...ofFile, companions: [], earliest: floor.phase };
      const work = workOf(change, catalog, isNew);
      // To look up many rows would hold up the table that they refer to.
      const holdsUp = work.locksOthers && looksUpRows(change, catalog, (table) => isNew(table) && !isFilled(table));
      const direct = asWritten === undefined && !holdsUp && isDirect(change, catalog, isNew, options);
      if (unneeded.has(change) && !direct) {
        catalog = applyChange(catalog, change);
        allDirect = false;
        continue;
      }
      const carriedWith = carried.get(change);
      if (carriedWith !== undefined) {
        history.noteCreated(file.name, change, catalog, carriedWith.startedIn);
        catalog = applyChange(catalog, change);
        allDirect = false;
        changes.push({ change, ...carriedWith, helps: directives.using !== null, before: current, after: catalog });
        continue;
      }
      const mayJoin = !direct && opened === null && floor.phase === 'expand' && directives.phase === null;
      const companions = mayJoin
        ? companionsOf(
            change,
            inOrder
              .slice(inOrder.findIndex((each) => each.change === change) + 1)
              .filter((later) => later.section === section),
            alone,
            (later) => {
              const read = triggerValues(later.change, later.directives.using, catalog);
              const touched = touchesOf(later.change, catalog, later.directives);
              const own = history.floorFor(
                file.name,
                withRules(touched, later.change, later.directives, catalog),
                read,
              );
              return own.phase === 'expand' && !isDirect(later.change, catalog, isNew, options);
            },
          )
        : [];
      const context: PlanContext = { ...alone, companions };
      const dropped = change.kind === 'alter_column_type' ? defaults.get(change) : undefined;
      let small = false;
      const careful = () => {
        const steps =
          onForeignTable(change, directives, catalog) ??
          refuseForeignRows(refuseUnidentified(planChange(change, context), catalog), catalog);
        const drafts = shortened(change, steps, catalog, options);
        small = drafts !== steps;
        return dropped === undefined ? drafts : withDefaultDropped(drafts, change, dropped);
      };
      let early = false;
      const drafted = () => {
        const drafts = withTable(direct ? [directDraft(change, catalog)] : careful(), change, catalog, createdHere);
        early = isEarly(drafts, section);
        return section === null ? drafts : inSection(change, drafts, section);
      };
      // On a schema in between, or one that nobody knows, there is nothing to plan; the migration waits as a whole.
      const known = floor.unfinished ? [] : atStatement(file, statement, drafted);
      const blind = !options.unused && carriesOver(change, known) ? obscured : null;
      if (blind !== null && blind.line !== null)
        atStatement(file, statement, () => refuseToCarryOver(change, blind.line));
      if (blind !== null) waitsFor ??= blind.migration;
      const planned = blind === null ? known : [];
      allDirect &&= direct && floor.phase === 'expand' && section !== 'contract' && section !== 'backfill';
      undos.push(...planned.map((draft) => draft.undo));
      const lifted = planned.map((draft) => lift(draft, floor.phase, directives.phase));
      // Steps that stand in contract anyway follow the other migration's contract there; only an earlier one has to wait.
      if (floor.behindWaiting) waitsFor = floor.waitsFor;
      if (floor.unfinished || lifted.some((draft, position) => draft !== planned[position]))
        waitsFor ??= floor.waitsFor;
      if (change.kind === 'transaction_control' && change.command !== 'savepoint')
        blockLine = change.command === 'begin' ? statement.line : null;
      const block = byHand ? blockLine : null;
      if (blockLine !== null && planned.some(({ run }) => run.kind === 'sql' && !run.transaction))
        notes.push(
          `Line ${statement.line} stands between BEGIN and COMMIT, and cannot share a transaction: it runs on its own.`,
        );
      const completesPrevious = (byHand || floor.phase === 'contract') && lifted.length === 1;
      const chosen = directives.phase === null && !early ? null : 'chosen phase';
      const byKind = change.kind === 'raw' ? 'code block' : chosen;
      const exemption: Exemption | null = asWritten !== undefined ? 'raw' : small ? 'small table' : byKind;
      const flags = { mergeable: direct, completesPrevious, block, ...work, exemption };
      const all = companions.map((each) => ({ ...each, touches: touchesOf(each.change, catalog, each.directives) }));
      ofStatement.push({
        touches: together([touches, { reads: values.reads, writes: [] }, ...all.map((each) => each.touches)]),
        changesRows: change.kind === 'change_rows' || change.kind === 'raw',
        way: byHand ? null : wayOf(change, catalog),
        drafts: lifted.map((draft) => ({ draft, settings, ...flags, exemption: exemption ?? draft.exemption ?? null })),
      });
      const startedIn = lifted[0]?.phase ?? 'expand';
      const finishedIn = latest(...lifted.map((draft) => draft.phase));
      const filled = lifted.filter(({ run }) => run.kind === 'backfill').map(({ phase }) => phase);
      const phases: Phases = { startedIn, finishedIn, filledIn: filled.length === 0 ? null : latest(...filled) };
      history.add(file.name, change, touches, values, phases);
      for (const companion of all) {
        const read = triggerValues(companion.change, companion.directives.using, catalog);
        history.add(file.name, companion.change, companion.touches, read, phases);
        carried.set(companion.change, phases);
      }
      history.noteCreated(file.name, change, catalog, startedIn);
      if (change.kind === 'set_session' && !ownSettings.has(change.name)) {
        const { [change.name]: _gone, ...rest } = settings;
        settings = change.value === null ? rest : { ...rest, [change.name]: change.value };
      }
      const uncertainties = catalog.uncertain.length;
      catalog = applyChange(catalog, change);
      if (catalog.uncertain.length > uncertainties) {
        obscured = { migration: file.name, line: statement.line };
        history.obscuredBy = file.name;
      } else if (obscured !== null && obscured.line !== null && !notes.includes(unknownSchema(obscured.line)))
        notes.push(unknownSchema(obscured.line));
      if (change.kind === 'set_session' && change.value === null) catalog = inPathOf(before, catalog);
      for (const draft of lifted) catalogsAfter.set(draft, catalog);
      changes.push({ change, ...phases, helps: directives.using !== null, before: current, after: catalog });
    }
    // A statement that runs whole is kept whole: the person's own text, once.
    plannedChanges.push(
      ...(allDirect ? [whole(wholeStatement(statement, undos), settings, ofStatement)] : ofStatement),
    );
    if (opened !== null && !allDirect)
      notes.push(`Line ${statement.line}: the block's statements are planned one by one; on this schema they all run.`);
    if (asWritten?.kind === 'raw') notes.push(`Line ${statement.line} runs as written: ${asWritten.reason}`);
  }
  const rollback = {
    file,
    statements: rollbackStatements(parsed),
    catalogAfter: (draft: StepDraft) => catalogsAfter.get(draft) ?? catalog,
  };
  const { drafts, notes: rollbackNotes } = withRollbackSection(inPhaseOrder(plannedChanges), rollback);
  return {
    catalog: inPathOf(before, catalog),
    migration: {
      name: file.name,
      checksum: file.checksum,
      drafts,
      notes: [...notes, ...missedWrites(changes.map(({ change }) => change)), ...rollbackNotes],
      waitsFor,
    },
    changes,
  };
}

type Phases = Pick<DatedChange, 'startedIn' | 'finishedIn' | 'filledIn'>;

/** What a file sets holds until its end, or until its RESET. */
function inPathOf({ searchPath }: Catalog, catalog: Catalog): Catalog {
  return { ...catalog, searchPath };
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
  if (change.kind === 'create_index' || change.kind === 'drop_index') return change.concurrently;
  return change.kind !== 'raw' && 'outsideTransaction' in change && change.outsideTransaction;
}

/** Rows in a table that this same migration creates go with the table. */
function withTable(
  drafts: readonly StepDraft[],
  change: Change,
  catalog: Catalog,
  createdHere: (table: QualifiedName) => boolean,
): readonly StepDraft[] {
  const goWithTable = change.kind === 'change_rows' && tablesOf(change, catalog).every(createdHere);
  return goWithTable ? drafts.map((draft) => ({ ...draft, undo: nothingToUndo })) : drafts;
}

function directDraft(change: Change, catalog: Catalog): StepDraft {
  return {
    phase: 'expand',
    title: statementTitle(change.sql),
    run: transactional(runsOutsideTransaction(change) ? withoutConcurrently(change.sql) : change.sql),
    undo: undoOf(change, catalog),
    notes: [],
  };
}

/**
 * On a small table the plain statement takes the place of the careful steps; gates stay. Not of steps in two phases:
 * these are not there to save time, but because both versions must be able to work in between.
 */
function shortened(
  change: Change,
  drafts: readonly StepDraft[],
  catalog: Catalog,
  options: PlanOptions,
): readonly StepDraft[] {
  const tables = tablesOf(change, catalog);
  const small = tables.length > 0 && tables.every((table) => isSmallTable(catalog, table, options));
  const careful = drafts.filter(({ run }) => run.kind !== 'gate');
  const phases = new Set(careful.map((draft) => draft.phase));
  if (
    !small ||
    careful.length <= 1 ||
    phases.size > 1 ||
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

function isSmallTable(catalog: Catalog, name: QualifiedName, { smallTable: limit }: PlanOptions): boolean {
  const estimate = resolveTable(catalog, name)?.estimate ?? null;
  return limit !== null && estimate !== null && estimate.rows <= limit.rows && estimate.bytes <= limit.bytes;
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

function decodeAs(statement: SqlStatement, asWritten: boolean, file: MigrationFile): readonly Change[] {
  const changes = decodeStatement(statement);
  const decoded = asWritten ? statementAsWritten(statement, changes) : changes;
  return file.transactionMode === 'none' ? decoded.map(withoutTransaction) : decoded;
}

/** What it does is known all the same, when its operation knows it. */
function statementAsWritten(statement: SqlStatement, changes: readonly Change[]): readonly Change[] {
  const part = { node: statement.node, sql: statement.text };
  if (changes.some(({ kind }) => kind === 'raw')) return changes;
  const code = { parts: [{ kind: 'statement' as const, sql: statement.text }], hasVariables: false };
  return (operations.raw.decode(part) ?? []).map((change) => (change.kind === 'raw' ? { ...change, code } : change));
}

/** A procedure that is called outside a transaction may commit, and then it must be. */
function withoutTransaction(change: Change): Change {
  return change.kind === 'raw' && change.what === 'CALL' ? { ...change, outsideTransaction: true } : change;
}

/** A block whose conditions this schema decides is as good as its statements. */
function openedBlock(decoded: readonly Change[], catalog: Catalog): readonly Change[] | null {
  const [only] = decoded;
  return only === undefined || decoded.length > 1 ? null : statementsOfBlock(only, catalog);
}
