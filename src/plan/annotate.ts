/**
 * Puts ids, locks, timeouts and durations on steps. What a step locks is asked of the operations that decode its own
 * statements, on the catalog as it will be when the step runs: so the plan claims what the linter and the tests know,
 * and a helper statement of ours is judged like one of a person.
 */
import { resolveName, resolveView, sameName, tableNamed } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type ObjectKey, type QualifiedName } from '../catalog/model.ts';
import type { Change, RelationName } from '../operations/change.ts';
import type { Effects, LockClaim } from '../operations/effects.ts';
import { applyChange, changesThatRun, decodeStatement, effectsOf } from '../operations/index.ts';
import { firedTriggers } from '../operations/pieces/fired-triggers.ts';
import { searchPathOf } from '../operations/set-session.ts';
import type { Phase, StepDraft, StepRun } from '../operations/step-draft.ts';
import { conflicts, strongest } from '../postgres/lock-mode.ts';
import { parseStatements } from '../sql/parse.ts';
import { countAttributes } from './attribute-limit.ts';
import { estimateStep } from './estimate.ts';
import { isKeyMade, looksUpRows } from './looked-up-rows.ts';
import { joinedDraft, mergeDrafts } from './merge-drafts.ts';
import type { DurationClass, Exemption, PlannedMigration, Step } from './plan.ts';
import type { PlanOptions } from './plan-options.ts';
import { assertAllowed, type CheckedStatement, type CheckedStep } from './self-check.ts';
import { movesRows } from './tables-of.ts';

export type SettledDraft = {
  readonly draft: StepDraft;
  readonly settings: Readonly<Record<string, string>>;
  /** Runs as written on tables that nobody uses: may share a transaction with its neighbours. */
  readonly mergeable: boolean;
  /** Locks a table that is in use, for instance the one that a new foreign key references. */
  readonly locksOthers: boolean;
  /** Takes as long as there are rows. */
  readonly movesRows: boolean;
  /** Why it may do more than its phase allows; null for what the planner itself has chosen. */
  readonly exemption: Exemption | null;
  /**
   * Belongs to the step before it, so that nobody should see the schema with that one alone: it builds on a step of
   * contract, or the person has put it there.
   */
  readonly completesPrevious: boolean;
  /** Line of the BEGIN above it in a file that is phased by hand: its block shares a transaction as far as it can. */
  readonly block: number | null;
};

export type UnannotatedMigration = Omit<PlannedMigration, 'steps'> & { readonly drafts: readonly SettledDraft[] };

/** DDL that only waits for its lock and edits the system catalogs takes milliseconds; ten seconds mean that something is wrong. */
const shortStatementTimeoutMs = 10_000;

export function annotateSteps(
  migrations: readonly UnannotatedMigration[],
  catalog: Catalog,
  options: PlanOptions,
): readonly PlannedMigration[] {
  const merged = migrations.map((migration) => ({ ...migration, drafts: mergeDrafts(migration.drafts, options) }));
  // On a database that nobody uses there is nobody whose wait would have to be known.
  if (options.unused && merged.every(({ drafts }) => drafts.every(({ mergeable }) => mergeable))) {
    return merged.map(({ drafts, ...migration }) => ({ ...migration, steps: numbered(drafts.map(unclaimed)) }));
  }
  // All migrations expand before the first one contracts.
  let physical: Physical = { catalog, born: new Map() };
  const annotate = (drafts: readonly SettledDraft[], ...phases: readonly Phase[]) => {
    const annotated: Annotated[] = [];
    for (const settled of drafts.filter(({ draft }) => phases.includes(draft.phase))) {
      const next = annotateStep(settled, physical);
      const last = annotated.at(-1);
      if (last !== undefined && completes(next, last)) {
        annotated[annotated.length - 1] = annotateStep(joinedDraft(last.settled, settled), last.before);
      } else annotated.push(next);
      physical = annotated.at(-1)?.after ?? physical;
    }
    return annotated;
  };
  const early = merged.map(({ drafts }) => annotate(drafts, 'expand', 'backfill'));
  const late = merged.map(({ drafts }) => annotate(drafts, 'contract'));
  const checked: CheckedStep[] = [];
  const planned = merged.map(({ drafts: _drafts, ...migration }, position) => {
    const annotated = [...(early[position] ?? []), ...(late[position] ?? [])];
    const steps = numbered(annotated.map(({ step }) => step));
    for (const [index, { statements, before, after }] of annotated.entries()) {
      const step = steps[index];
      if (step === undefined) continue;
      const catalogs = { known: catalog, before: before.catalog, after: after.catalog };
      checked.push({ migration: migration.name, step, statements, ...catalogs });
    }
    return { ...migration, steps };
  });
  if (!options.unused) assertAllowed(checked);
  return planned;
}

function unclaimed({ draft, settings, exemption, movesRows: long }: SettledDraft): Omit<Step, 'id'> {
  const duration = long ? 'scan' : 'instant';
  const statementTimeoutMs = long ? null : shortStatementTimeoutMs;
  return {
    ...draft,
    locks: [],
    rewrites: [],
    scans: [],
    drops: [],
    opaque: false,
    duration,
    statementTimeoutMs,
    settings,
    exemption,
    estimate: null,
  };
}

function numbered(steps: readonly Omit<Step, 'id'>[]): readonly Step[] {
  const counts: Record<Phase, number> = { expand: 0, backfill: 0, contract: 0 };
  return steps.map((step) => {
    counts[step.phase] += 1;
    return { id: `${step.phase}-${counts[step.phase]}`, ...step };
  });
}

/** The schema as the steps leave it, and the tables that they have created: nobody uses those in the same phase. */
type Physical = { readonly catalog: Catalog; readonly born: ReadonlyMap<ObjectKey, BornTable> };
type BornTable = { readonly rows: 'empty' | 'filled'; readonly phase: Phase };

type Annotated = {
  readonly settled: SettledDraft;
  readonly before: Physical;
  readonly after: Physical;
  readonly step: Omit<Step, 'id'>;
  readonly statements: readonly CheckedStatement[];
};

/**
 * Whether the step belongs into the transaction of the one before it: both take milliseconds, and it locks nothing that
 * is not locked already, or columns take the place of others in one moment, or the person has put BEGIN and COMMIT around
 * them. So a new column stands in the place of the
 * old one with its default, and a type has its final name, from the same moment on.
 */
function completes({ settled, step }: Annotated, before: Annotated): boolean {
  const isShort = ({ run, duration, opaque }: Omit<Step, 'id'>) =>
    run.kind === 'sql' && run.transaction && duration === 'instant' && !opaque;
  const sameBlock = settled.block !== null && settled.block === before.settled.block;
  const among = (some: readonly LockClaim[], all: readonly LockClaim[]) =>
    some.every(({ table }) => all.some((held) => sameName(held.table, table)));
  const isOneMoment = settled.draft.swaps !== undefined && before.settled.draft.swaps !== undefined;
  const locksNothingElse = isOneMoment || among(step.locks, before.step.locks);
  return (
    settled.completesPrevious &&
    isShort(step) &&
    isShort(before.step) &&
    (sameBlock || locksNothingElse) &&
    JSON.stringify(settled.settings) === JSON.stringify(before.settled.settings)
  );
}

function annotateStep(settled: SettledDraft, physical: Physical): Annotated {
  const { draft, settings, exemption } = settled;
  const { catalog: before } = physical;
  const statements: CheckedStatement[] = [];
  const changes: { readonly change: Change; readonly catalog: Catalog }[] = [];
  const remarks = new Set<string>();
  const { phase, title, run, undo, notes } = draft;
  const born = new Map(physical.born);
  const bornNow = (key: ObjectKey) => (born.get(key)?.phase === phase ? born.get(key) : undefined);
  const locks: LockClaim[] = [];
  const rewrites: QualifiedName[] = [];
  const scans: QualifiedName[] = [];
  const builds: QualifiedName[] = [];
  const drops: string[] = [];
  const dropped: RelationName[] = [];
  let opaque = false;
  let readsRows = false;
  const { search_path: path } = settings;
  let catalog = path === undefined ? before : { ...before, searchPath: searchPathOf(path) };
  for (const text of run.kind === 'sql' ? run.statements : []) {
    // A block that surely runs a statement is judged by that statement.
    for (const change of parseStatements(text)
      .flatMap(decodeStatement)
      .flatMap((each) => changesThatRun(each, catalog))) {
      const effects = effectsOf(change, catalog);
      const existing = <T extends QualifiedName>(names: readonly T[]) =>
        names.filter((name) => isRelationOf(before, name));
      locks.push(...effects.locks.filter(({ table }) => isRelationOf(before, table)));
      rewrites.push(...existing(effects.rewrites));
      const looksUp =
        !isKeyMade(change) || looksUpRows(change, catalog, (table) => bornNow(objectKey(table))?.rows === 'empty');
      if (looksUp) scans.push(...existing(effects.scans));
      builds.push(...existing(effects.indexBuilds));
      drops.push(...effects.drops);
      if (change.kind === 'drop_object' && change.objectType === 'view') dropped.push(...change.names);
      opaque ||= effects.unknown;
      readsRows ||= movesRows(change);
      const inUse = (name: QualifiedName) => isRelationOf(before, name) && bornNow(objectKey(name)) === undefined;
      statements.push({ change, effects: effectsOn(effects, inUse, looksUp), movesRows: movesRows(change) });
      noteBorn(change, catalog, phase, born);
      changes.push({ change, catalog });
      const counted = countAttributes(change, catalog, applyChange(catalog, change));
      if (counted.note !== null) remarks.add(counted.note);
      if (change.kind === 'raw') noteMadeByCode(catalog, counted.catalog, phase, born);
      catalog = counted.catalog;
    }
  }
  const strongestLocks = [...lockedWithTables(dropped, locks, before), ...inLockOrder(locks, before)];
  const triggers = run.kind === 'backfill' ? firedTriggers(run, before) : null;
  const duration = durationOf(run, { opaque, readsRows, rewrites, scans, builds, locks: strongestLocks });
  return {
    settled,
    before: physical,
    after: { catalog: samePath(catalog, before), born },
    statements,
    step: {
      phase,
      title,
      run,
      undo,
      notes: [...notes, ...(triggers === null ? [] : [triggers]), ...remarks],
      locks: strongestLocks,
      rewrites: unique(rewrites),
      scans: unique(scans),
      drops,
      opaque,
      duration,
      statementTimeoutMs: duration === 'instant' ? shortStatementTimeoutMs : null,
      settings,
      exemption,
      estimate: estimateStep({ run, rewrites: unique(rewrites), scans: unique(scans), changes, catalog: before }),
    },
  };
}

/** What a file sets holds until its end; the same catalog where nothing has changed. */
function samePath(catalog: Catalog, before: Catalog): Catalog {
  return catalog === before || catalog.searchPath === before.searchPath
    ? catalog
    : { ...catalog, searchPath: before.searchPath };
}

function noteBorn(change: Change, catalog: Catalog, phase: Phase, born: Map<ObjectKey, BornTable>): void {
  if (change.kind === 'create_table') {
    const key = keyOf(change.table, catalog);
    if (!catalog.tables.has(key)) born.set(key, { rows: movesRows(change) ? 'filled' : 'empty', phase });
  }
  if (change.kind === 'create_object' && change.objectType === 'materialized view')
    born.set(keyOf(change.name, catalog), { rows: 'filled', phase });
  if (change.kind === 'change_rows' && change.command === 'insert' && movesRows(change)) {
    const key = keyOf(change.table, catalog);
    const known = born.get(key);
    if (known !== undefined) born.set(key, { ...known, rows: 'filled' });
  }
  if (change.kind === 'rename_object' && change.objectType === 'table') {
    const { schema } = resolveName(catalog, change.name);
    const state = born.get(keyOf(change.name, catalog));
    if (state !== undefined) born.set(objectKey({ schema, name: change.to }), state);
  }
}

function noteMadeByCode(before: Catalog, after: Catalog, phase: Phase, born: Map<ObjectKey, BornTable>): void {
  if (before.tables === after.tables) return;
  for (const key of after.tables.keys()) if (!before.tables.has(key)) born.set(key, { rows: 'filled', phase });
}

function keyOf(name: RelationName, catalog: Catalog): ObjectKey {
  return objectKey(resolveName(catalog, name));
}

function effectsOn(effects: Effects, inUse: (name: QualifiedName) => boolean, looksUp: boolean): Effects {
  return {
    ...effects,
    locks: effects.locks.filter(({ table }) => inUse(table)),
    rewrites: effects.rewrites.filter(inUse),
    scans: looksUp ? effects.scans.filter(inUse) : [],
    indexBuilds: effects.indexBuilds.filter(inUse),
  };
}

function isRelationOf(catalog: Catalog, name: QualifiedName): boolean {
  return tableNamed(catalog, name) !== null || catalog.views.get(objectKey(name))?.kind === 'materialized';
}

/**
 * Views that are dropped together with a change of the tables below. Whoever uses such a view takes its lock first and
 * that of the table second, so we must, too: the other way round one of us would be cancelled as the victim of a deadlock
 * (reproduced: rename_column/view-partitioned). A view over further tables is left to its own statement, because to lock
 * it is to lock them all.
 */
function lockedWithTables(
  names: readonly RelationName[],
  locks: readonly LockClaim[],
  catalog: Catalog,
): readonly LockClaim[] {
  const isHeld = (table: QualifiedName) =>
    locks.some((lock) => lock.mode === 'ACCESS EXCLUSIVE' && sameName(lock.table, table));
  return names.flatMap((name): readonly LockClaim[] => {
    const view = resolveView(catalog, name);
    if (view?.kind !== 'view' || view.uses.length === 0 || !view.uses.every(({ table }) => isHeld(table))) return [];
    return [{ table: { schema: view.schema, name: view.name }, mode: 'ACCESS EXCLUSIVE' }];
  });
}

/** One claim a table, the strongest, sorted by name, partitions behind their parents: everybody who takes several takes them in this order. */
function inLockOrder(claims: readonly LockClaim[], catalog: Catalog): readonly LockClaim[] {
  const byTable = new Map<string, LockClaim>();
  for (const claim of claims) {
    const key = lockOrderKey(claim.table, catalog);
    const known = byTable.get(key);
    const mode = known === undefined ? claim.mode : (strongest([known.mode, claim.mode]) ?? claim.mode);
    byTable.set(key, { table: { schema: claim.table.schema, name: claim.table.name }, mode });
  }
  return [...byTable.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, claim]) => claim);
}

/** Behind the table that it is a partition of: every statement that reaches it through that one locks that one first. */
function lockOrderKey(name: QualifiedName, catalog: Catalog): string {
  const parent = tableNamed(catalog, name)?.partitionOf?.parent;
  const own = `${name.schema}\u0000${name.name}`;
  return parent === undefined ? own : `${lockOrderKey(parent, catalog)}\u0000\u0000${own}`;
}

function unique(names: readonly QualifiedName[]): readonly QualifiedName[] {
  return [
    ...new Map(
      names.map((name) => [JSON.stringify([name.schema, name.name]), { schema: name.schema, name: name.name }]),
    ).values(),
  ];
}

type Work = {
  readonly opaque: boolean;
  readonly readsRows: boolean;
  readonly rewrites: readonly QualifiedName[];
  readonly scans: readonly QualifiedName[];
  readonly builds: readonly QualifiedName[];
  readonly locks: readonly LockClaim[];
};

function durationOf(run: StepRun, { opaque, readsRows, rewrites, scans, builds, locks }: Work): DurationClass {
  if (run.kind === 'backfill') return 'batches';
  if (run.kind === 'gate') return 'scan';
  if (run.probe?.kind === 'index_valid' || run.probe?.kind === 'no_invalid_rest') return 'build';
  if (opaque) return 'unknown';
  const works = readsRows || rewrites.length + scans.length + builds.length > 0;
  if (!works) return run.transaction ? 'instant' : 'scan';
  return locks.some(({ mode }) => conflicts(mode, 'ROW EXCLUSIVE')) ? 'blocking' : 'scan';
}
