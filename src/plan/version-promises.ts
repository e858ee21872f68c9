/**
 * What each application version may rely on, worked out from what each change does to the catalog and from the phases in
 * which its steps run. A change that says nothing here is one that neither version can notice.
 */
import { columnOf, nameForNew, resolveName, tableNamed } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type Column, type QualifiedName, type Table } from '../catalog/model.ts';
import type { Change, ObjectType, RenameObject } from '../operations/change.ts';
import { isPlainCast } from '../operations/pieces/type-conversion.ts';
import type { Phase } from '../operations/step-draft.ts';
import { KnownNames, type FollowedTable } from './known-names.ts';
import { isLeftOutOnce } from './left-out-once.ts';
import { isBefore, latest } from './order.ts';
import { rulesOf, type TableRule } from './table-rules.ts';
import type { ColumnPromise, Names, VersionPromise } from './version-promise.ts';

/** A change with the phases of its steps, and the schema around it. */
export type DatedChange = {
  readonly change: Change;
  readonly startedIn: Phase;
  readonly finishedIn: Phase;
  /** When rows that were there before have been worked through; null where there is no such step. */
  readonly filledIn: Phase | null;
  /** The migration itself sets right what the old version writes: `migrate:using`. */
  readonly helps: boolean;
  readonly before: Catalog;
  readonly after: Catalog;
};

/** The promises of each migration. They name things as the versions do before and after all of these migrations. */
export function versionPromises(
  migrations: readonly (readonly DatedChange[])[],
): readonly (readonly VersionPromise[])[] {
  const names = new KnownNames();
  const found = migrations.map((changes) => changes.flatMap((change) => promisesOf(change, names)));
  // The names are followed to the end before they are written down.
  return merged(found).map((promises) => structuredClone(promises.filter(concernsSomebody)));
}

function promisesOf(dated: DatedChange, names: KnownNames): readonly VersionPromise[] {
  const { change, startedIn, finishedIn, before, after } = dated;
  const promises: VersionPromise[] = [...ofObject(dated), ...ofTables(dated, names)];
  for (const [key, table] of after.tables) {
    const was = before.tables.get(key) ?? renamedFrom(change, before, table);
    if (was === undefined || was === table || table.partitionOf !== null || table.kind === 'foreign') continue;
    const followed = names.table(table);
    const isNew = followed.createdIn !== null && !isBefore(followed.createdIn, finishedIn);
    if (change.kind === 'create_trigger') followed.hasNewTrigger = true;
    const ofColumns = columnPromises({ was, table, followed }, dated, names);
    const ofRules = rulePromises({ was, table, followed }, dated, names);
    if (!isNew) promises.push(...ofColumns, ...ofRules);
  }
  if (change.kind === 'change_rows') {
    const table = tableNamed(before, resolveName(before, change.table));
    const followed = table === null ? null : names.table(table);
    if (followed !== null && (followed.createdIn === null || isBefore(followed.createdIn, startedIn))) {
      const columns = change.command === 'update' ? change.assigned : [];
      promises.push({
        kind: 'rows',
        table: followed.names,
        command: change.command,
        columns: columns.map((name) => names.column(followed, name)),
        from: finishedIn,
      });
    }
  }
  return promises;
}

type RenamedType = RenameObject['objectType'];

const usedByName: ReadonlySet<ObjectType> = new Set<ObjectType>([
  'view',
  'materialized view',
  'sequence',
  'function',
  'procedure',
  'aggregate',
  'enum',
  'domain',
  'composite type',
  'range type',
]);

function ofObject({ change, startedIn, before, after }: DatedChange): readonly VersionPromise[] {
  const promise = (objectType: ObjectType | RenamedType, { schema, name }: QualifiedName): VersionPromise => ({
    kind: 'object',
    objectType,
    name: { schema, name },
    from: startedIn,
  });
  if (change.kind === 'create_object' && usedByName.has(change.objectType))
    return [promise(change.objectType, nameForNew(before, change.name))];
  if (change.kind !== 'rename_object') return [];
  // A schema takes its views along; its tables have promises of their own.
  const views = [...after.views].filter(([key]) => !before.views.has(key)).map(([, view]) => promise('view', view));
  if (!renamedByName.has(change.objectType)) return views;
  const own = resolveName(before, change.name);
  // SET SCHEMA gives the names of two schemas.
  const name =
    change.from === own.name ? { schema: own.schema, name: change.to } : { schema: change.to, name: own.name };
  return [...views, promise(change.objectType, name)];
}

const renamedByName: ReadonlySet<RenamedType> = new Set<RenamedType>(['sequence', 'type', 'function', 'schema']);

/** Tables that come, go or get another name. */
function ofTables({ change, startedIn, before, after }: DatedChange, names: KnownNames): readonly VersionPromise[] {
  if (before.tables === after.tables) return [];
  const gone = [...before.tables.values()].filter((table) => !after.tables.has(objectKey(table)));
  const come = [...after.tables.values()].filter((table) => !before.tables.has(objectKey(table)));
  const promise = (followed: FollowedTable, from: Phase): VersionPromise => ({
    kind: 'table',
    table: followed.names,
    from,
  });
  if (change.kind === 'rename_object')
    return come.flatMap((table) => {
      const from = renamedFrom(change, before, table);
      if (from === undefined || table.partitionOf !== null) return [];
      const { createdIn } = names.table(from);
      const followed = names.noteRenamed(from, table);
      return createdIn !== null && !isBefore(createdIn, startedIn) ? [] : [promise(followed, startedIn)];
    });
  return [
    ...gone.map((table) => promise(names.noteDropped(table), 'expand')),
    ...come
      .filter(({ partitionOf }) => partitionOf === null)
      .map((table) => promise(names.noteCreated(table, startedIn), startedIn)),
  ];
}

/** The table under its name before a RENAME of it or of its schema. */
function renamedFrom(change: Change, before: Catalog, table: Table): Table | undefined {
  if (change.kind !== 'rename_object' || before.tables.has(objectKey(table))) return undefined;
  if (change.objectType === 'schema') return before.tables.get(objectKey({ schema: change.from, name: table.name }));
  return tableNamed(before, resolveName(before, change.name)) ?? undefined;
}

type Changed = { readonly was: Table; readonly table: Table; readonly followed: FollowedTable };

function columnPromises(
  { was, table, followed }: Changed,
  dated: DatedChange,
  names: KnownNames,
): readonly VersionPromise[] {
  const { change, startedIn, finishedIn, filledIn } = dated;
  const of = followed.names;
  const column = (names_: Names<string>, more: Partial<ColumnPromise>): ColumnPromise => ({
    kind: 'column',
    table: of,
    column: names_,
    from: startedIn,
    filled: null,
    required: false,
    requiredUntil: null,
    ...more,
  });
  if (change.kind === 'rename_column' && columnOf(was, change.from) !== null && columnOf(table, change.from) === null)
    return [column(names.noteColumnRenamed(followed, change.from, change.to), { filled: filledIn })];
  const promises: VersionPromise[] = [];
  for (const before of was.columns) {
    const after = columnOf(table, before.name);
    if (after === null) {
      // A trigger that the person adds may well give it one.
      const own = isRequired(before) ? startedIn : isLeftOutOnce(was, before, dated.before) ? finishedIn : null;
      const requiredUntil = followed.hasNewTrigger ? null : own;
      promises.push(column(names.noteColumnDropped(followed, before.name), { from: 'expand', requiredUntil }));
      continue;
    }
    // What is renamed is spelled otherwise, and otherwise the same.
    if (after === before || change.kind === 'rename_object') continue;
    const its = names.column(followed, before.name);
    if (after.type !== before.type)
      promises.push({
        kind: 'type',
        table: of,
        column: its,
        oldType: before.type,
        newType: after.type,
        from: finishedIn,
        computed: computedBy(change),
      });
    const isOther = after.default !== before.default && change.kind !== 'alter_column_type';
    if (isOther || (after.identity !== null && before.identity === null))
      promises.push({ kind: 'default', table: of, column: its, from: finishedIn });
  }
  for (const after of table.columns.filter(({ name }) => columnOf(was, name) === null)) {
    const its = names.noteColumnAdded(followed, after.name);
    promises.push(column(its, { filled: filledIn, required: isRequired(after) }));
  }
  return promises;
}

function computedBy(change: Change): string | null {
  return change.kind === 'alter_column_type' && change.using !== null && !isPlainCast(change.using, change)
    ? change.using
    : null;
}

function isRequired({ notNull, default: value, identity, generated }: Column): boolean {
  return notNull && value === null && identity === null && generated === null;
}

/** What a rename leaves is the same rule under another name, or about another one. */
const keepsRules: ReadonlySet<Change['kind']> = new Set<Change['kind']>(['rename_object', 'rename_column']);

function rulePromises(
  { was, table, followed }: Changed,
  dated: DatedChange,
  names: KnownNames,
): readonly VersionPromise[] {
  const { change, finishedIn, helps } = dated;
  if (keepsRules.has(change.kind)) return [];
  const before = rulesOf(was);
  const after = rulesOf(table);
  const said = ({ key: _key, columns, references, ...rule }: TableRule) => ({
    ...rule,
    columns: columns.map((name) => names.column(followed, name)),
    references: references === null ? null : names.table(references).names,
  });
  // Whether a new column must have a value is said of the column, and of one that goes, too.
  const isOfBoth = ({ rule, columns }: TableRule) =>
    rule !== 'not null' || columns.every((name) => columnOf(was, name) !== null && columnOf(table, name) !== null);
  const come = [...after.values()].filter((rule) => !before.has(rule.key) && isOfBoth(rule));
  const gone = [...before.values()].filter((rule) => !after.has(rule.key) && isOfBoth(rule));
  return [
    ...come.map((rule): VersionPromise => {
      const own = said(rule);
      const isConcerned = followed.names.old !== null && own.columns.some(({ old }) => old !== null);
      const old = !isConcerned ? 'is not concerned' : helps ? 'is helped' : 'keeps';
      return { kind: 'rule', table: followed.names, ...own, old, enforced: finishedIn };
    }),
    ...(finishedIn === 'expand' ? [] : gone).map((rule): VersionPromise => ({
      kind: 'old rule',
      table: followed.names,
      ...said(rule),
      until: finishedIn,
    })),
  ];
}

/** One word about each thing: where several changes are about it, the last one has it. */
function merged(migrations: readonly (readonly VersionPromise[])[]): readonly (readonly VersionPromise[])[] {
  const last = new Map<unknown, Map<VersionPromise['kind'], VersionPromise>>();
  for (const promise of migrations.flat()) {
    const about = subjectOf(promise);
    if (about === null) continue;
    const ofIt = last.get(about) ?? new Map<VersionPromise['kind'], VersionPromise>();
    last.set(about, ofIt.set(promise.kind, both(ofIt.get(promise.kind), promise)));
  }
  const isLast = new Map<VersionPromise, VersionPromise>();
  for (const promises of migrations.toReversed())
    for (const promise of promises.toReversed()) {
      const ofIt = last.get(subjectOf(promise));
      const whole = ofIt?.get(promise.kind);
      if (whole === undefined) continue;
      ofIt?.delete(promise.kind);
      isLast.set(promise, whole);
    }
  return migrations.map((promises) =>
    promises.flatMap((promise) => (subjectOf(promise) === null ? [promise] : (isLast.get(promise) ?? []))),
  );
}

/** The very names that are followed: what two promises of one kind must not both be about. */
function subjectOf(promise: VersionPromise): unknown {
  switch (promise.kind) {
    case 'table':
      return promise.table;
    case 'column':
    case 'type':
    case 'default':
      return promise.column;
    case 'rule':
    case 'old rule':
    case 'rows':
    case 'object':
      return null;
  }
}

function both(first: VersionPromise | undefined, second: VersionPromise): VersionPromise {
  if (first === undefined) return second;
  if (first.kind === 'column' && second.kind === 'column')
    return {
      ...second,
      from: latest(first.from, second.from),
      filled: later(first.filled, second.filled),
      requiredUntil: later(first.requiredUntil, second.requiredUntil),
    };
  if (first.kind === 'type' && second.kind === 'type')
    return {
      ...second,
      oldType: first.oldType,
      from: latest(first.from, second.from),
      computed: second.computed ?? first.computed,
    };
  return 'from' in first && 'from' in second ? { ...second, from: latest(first.from, second.from) } : second;
}

function later(a: Phase | null, b: Phase | null): Phase | null {
  return a === null || b === null ? (a ?? b) : latest(a, b);
}

/** What comes and goes within the pending migrations is nobody's. */
function concernsSomebody(promise: VersionPromise): boolean {
  const known = ({ old, new: now }: Names<unknown>) => old !== null || now !== null;
  if (promise.kind === 'object') return true;
  if (promise.kind === 'old rule' && promise.columns.every((column) => column.new === null)) return false;
  return known(promise.table) && (!('column' in promise) || known(promise.column));
}
