/**
 * The planner looks at its own steps before anybody else does. A step that does more than its phase allows is a mistake
 * of ours, not of the person's SQL: it is refused with a report, and never runs.
 *
 * What is allowed:
 *
 *  - in every phase, a lock that blocks reads or writes of a table in use is held for milliseconds: no table is written
 *    anew, read from end to end or indexed, and no rows are moved, in the transaction that holds it;
 *  - before contract, everything that the old version uses is still there and still works as it did: nothing it knows is
 *    dropped or renamed away, and no rule is added that its writes could break;
 *  - what cannot run in a transaction runs alone and outside of one, and a transaction adds one foreign key at most.
 *
 * What is exempt says so in the plan itself: an opaque statement, and a step with an `exemption`. Tables that the batch
 * creates are used by nobody; the caller leaves them out.
 */
import { columnOf } from '../catalog/lookup.ts';
import type { Catalog, Index, QualifiedName, Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import type { Change } from '../operations/change.ts';
import type { Effects } from '../operations/effects.ts';
import { blocksReads, blocksWrites } from '../postgres/lock-mode.ts';
import type { Exemption, Step } from './plan.ts';

export type CheckedStatement = {
  readonly change: Change;
  /** As far as they concern tables that are in use. */
  readonly effects: Effects;
  /** Takes as long as there are rows to read or write. */
  readonly movesRows: boolean;
};

export type CheckedStep = {
  readonly migration: string;
  readonly step: Step;
  readonly statements: readonly CheckedStatement[];
  /** The schema that the old version knows. */
  readonly known: Catalog;
  readonly before: Catalog;
  readonly after: Catalog;
};

type Violation = {
  readonly migration: string;
  readonly step: string;
  readonly title: string;
  /** What is wrong, as a whole sentence. */
  readonly reason: string;
  readonly statements: readonly {
    readonly sql: string;
    readonly locks: readonly string[];
    readonly rewrites: readonly string[];
    readonly scans: readonly string[];
    readonly indexBuilds: readonly string[];
    readonly drops: readonly string[];
  }[];
};

/** Throws INTERNAL with the report when a step does more than its phase allows. */
export function assertAllowed(steps: readonly CheckedStep[]): void {
  const violations = steps.flatMap(violationsOf);
  const [first] = violations;
  if (first === undefined) return;
  throw new MigrateError(
    'INTERNAL',
    `The plan of ${first.migration} has a step that must not run: ${first.step} (${first.title}). ${first.reason} ` +
      'This is a mistake in onward, not in your migration. Nothing was run.',
    {
      hint:
        `Please report it with these lines:\n${first.statements.map(reportLine).join('\n')}\n` +
        'To go on meanwhile, write above the statement: -- migrate:raw -- <reason>. It then runs as it is written.',
      details: { violations },
    },
  );
}

/** Everything about the step that its phase does not allow. */
function violationsOf(checked: CheckedStep): readonly Violation[] {
  const { migration, step } = checked;
  const reasons = [
    ...(step.opaque || mayBeSlow(step.exemption) ? [] : slowWork(checked)),
    ...(step.opaque || step.exemption !== null ? [] : losses(checked)),
    ...transactionMistakes(checked),
  ];
  return reasons.map((reason) => ({
    migration,
    step: step.id,
    title: step.title,
    reason,
    statements: checked.statements.map(({ change, effects }) => ({
      sql: change.sql,
      locks: effects.locks.map(({ table, mode }) => `${mode} on ${nameText(table)}`),
      rewrites: effects.rewrites.map(nameText),
      scans: effects.scans.map(nameText),
      indexBuilds: effects.indexBuilds.map(nameText),
      drops: effects.drops,
    })),
  }));
}

/** Who chooses a phase has not chosen to wait. */
function mayBeSlow(exemption: Exemption | null): boolean {
  return exemption !== null && exemption !== 'chosen phase';
}

function slowWork({ step, statements }: CheckedStep): readonly string[] {
  const blocked = statements
    .flatMap(({ effects }) => effects.locks)
    .find(({ mode }) => blocksReads(mode) || blocksWrites(mode));
  const work = statements.map(workText).find((text) => text !== null);
  if (step.run.kind !== 'sql' || blocked === undefined || work === undefined) return [];
  const waiting = blocksReads(blocked.mode) ? 'Reads and writes' : 'Writes';
  return [`${waiting} of ${nameText(blocked.table)} would wait while it ${work}.`];
}

function workText({ effects, movesRows, change }: CheckedStatement): string | null {
  const [rewritten] = effects.rewrites;
  if (rewritten !== undefined) return `writes ${nameText(rewritten)} anew`;
  const [built] = effects.indexBuilds;
  if (built !== undefined) return `builds an index on ${nameText(built)}`;
  const [scanned] = effects.scans;
  if (scanned !== undefined) return `reads all of ${nameText(scanned)}`;
  return movesRows ? `moves rows (${change.kind.replaceAll('_', ' ')})` : null;
}

/** What the old version knows and this step takes away, before contract. */
function losses({ step, statements, known, before, after }: CheckedStep): readonly string[] {
  if (step.phase === 'contract') return [];
  const found: string[] = [];
  if (
    statements.some(
      ({ change, effects }) => change.kind === 'alter_setting' && change.narrowing && effects.locks.length > 0,
    )
  )
    found.push('It takes rights away from the old version.');
  if (before === after) return found;
  for (const [key, old] of known.tables) {
    const now = after.tables.get(key);
    const was = before.tables.get(key);
    if (was === now || was === undefined) continue;
    if (now !== undefined) found.push(...tableLosses(old, was, now));
    else if (after.views.has(key)) found.push(...viewLosses(old, after.views.get(key)?.columns ?? []));
    else found.push(`The old version uses table ${nameText(old)}, which is gone after it.`);
  }
  for (const kind of ['views', 'sequences', 'types', 'functions'] as const) {
    if (before[kind] === after[kind]) continue;
    for (const [key, object] of known[kind]) {
      // The sequence of a column goes where its table goes, and nobody but the column's default names it.
      if ('ownedBy' in object && object.ownedBy !== null) continue;
      if (before[kind].has(key) && !after[kind].has(key))
        found.push(`The old version may use ${nameText(object)}, which is gone after it.`);
    }
  }
  for (const [key, type] of known.types) {
    const left = new Set(after.types.get(key)?.labels ?? type.labels);
    const had = before.types.get(key)?.labels ?? [];
    const gone = type.labels.find((label) => had.includes(label) && !left.has(label));
    if (gone !== undefined) found.push(`The old version may use '${gone}' of type ${nameText(type)}, which is gone.`);
  }
  return found;
}

/** Not all views say their columns: one that was folded has none to compare. */
function viewLosses(old: Table, columns: readonly { readonly name: string }[]): readonly string[] {
  const gone = columns.length === 0 ? undefined : old.columns.find(({ name }) => !columns.some((c) => c.name === name));
  return gone === undefined
    ? []
    : [`The view ${nameText(old)} is without column ${gone.name}, which the old version uses.`];
}

function tableLosses(old: Table, was: Table, now: Table): readonly string[] {
  const on = nameText(old);
  const found: string[] = [];
  for (const { name } of old.columns) {
    const before = columnOf(was, name);
    const after = columnOf(now, name);
    if (before === null) continue;
    if (after === null) found.push(`The old version uses column ${on}.${name}, which is gone after it.`);
    else if (after.notNull && !before.notNull) found.push(`The old version may write NULL to ${on}.${name}.`);
    else if (after.notNull && before.default !== null && after.default === null && after.identity === null)
      found.push(`The old version may leave out ${on}.${name}, which has no default any more.`);
  }
  const knows = (columns: readonly string[]) => columns.every((name) => columnOf(old, name) !== null);
  for (const { name, kind, columns, enforced } of now.constraints) {
    const isNew = !was.constraints.some((constraint) => constraint.name === name);
    const binds = kind === 'check' || kind === 'foreign_key' || kind === 'exclusion';
    if (isNew && enforced && binds && knows(columns))
      found.push(`Writes of the old version may break ${name} on ${on}.`);
  }
  const gone = <T extends { readonly name: string }>(list: (table: Table) => readonly T[]) =>
    list(old).filter((item) => named(list(was), item) && !named(list(now), item));
  for (const { name, kind } of gone((table) => table.constraints)) {
    const relied = kind === 'unique' || kind === 'primary_key' || kind === 'exclusion';
    if (relied) found.push(`The old version may rely on ${name} of ${on}, which is gone after it.`);
  }
  // An index serves under any name, and as that of a constraint.
  const stillServes = (index: Index) => now.indexes.some((other) => sameUse(other, index));
  const indexes = gone((table) => table.indexes.filter((index) => index.constraint === null && index.valid));
  for (const { name } of [...indexes.filter((index) => !stillServes(index)), ...gone((table) => table.triggers)])
    found.push(`The old version may rely on ${name} of ${on}, which is gone after it.`);
  return found;
}

function sameUse(a: Index, b: Index): boolean {
  const use = ({ method, unique, keys, predicate }: Index) => JSON.stringify([method, unique, keys, predicate]);
  return use(a) === use(b);
}

function transactionMistakes({ step, statements }: CheckedStep): readonly string[] {
  const { run } = step;
  if (run.kind !== 'sql') return [];
  const alone = statements.find(({ change }) => runsOutsideTransaction(change));
  if (alone !== undefined && run.transaction) return ['It holds a statement that no transaction takes, in one.'];
  if (!run.transaction && run.statements.length > 1)
    return ['It runs several statements outside a transaction, of which any may be the last that succeeds.'];
  const keys = statements.filter(
    ({ change, effects }) => change.kind === 'add_foreign_key' && effects.locks.length > 0,
  );
  return step.exemption === null && keys.length > 1
    ? ['It adds several foreign keys in one transaction, and each locks two tables.']
    : [];
}

function runsOutsideTransaction(change: Change): boolean {
  if (change.kind === 'create_index' || change.kind === 'drop_index') return change.concurrently;
  return 'outsideTransaction' in change && change.outsideTransaction;
}

function named(list: readonly { readonly name: string }[], item: { readonly name: string }): boolean {
  return list.some(({ name }) => name === item.name);
}

function nameText({ schema, name }: QualifiedName): string {
  return `${schema}.${name}`;
}

function reportLine({ sql, locks, rewrites, scans, indexBuilds }: Violation['statements'][number]): string {
  const effects = { locks, rewrites, scans, indexBuilds };
  const parts = Object.entries(effects).flatMap(([label, names]) =>
    names.length === 0 ? [] : [`${label}: ${names.join(', ')}`],
  );
  return `  ${sql}${parts.length === 0 ? '' : `\n    ${parts.join('; ')}`}`;
}
