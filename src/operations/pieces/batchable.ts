/**
 * When a data statement (row 25) may be cut into batches.
 *
 * The same means, row by row: every row that was there at the start is met exactly once, and what a batch makes of it is
 * what the whole statement, run at the moment of that batch, would have made of it. So no row's outcome may depend on
 * what became of another row of the same statement; what the statement works out once for all of its rows may not be
 * worked out once for each batch; and what it does as a whole (a check at its end, a trigger for each statement) may not
 * be done in pieces.
 *
 * Each obligation says why it is one. The first that is not met is the reason that the plan tells, and the statement
 * runs as it is written. What is not understood is refused. test/operations/batchable.unit.test.ts is the table of cases.
 */
import type { Node, RangeVar } from '@pgsql/types';
import { keyForBackfill, resolveTable, sameName } from '../../catalog/lookup.ts';
import { expressionUses } from '../../catalog/expression-columns.ts';
import { objectKey, type Catalog, type Table } from '../../catalog/model.ts';
import { parseExpression } from '../../sql/parse.ts';
import { visit } from '../../sql/walk.ts';
import { relationName } from '../decode/names.ts';
import { tablesChangedThrough } from './changed-tables.ts';
import type { BackfillRun } from '../step-draft.ts';
import { unsafeCall } from './batch-functions.ts';
import { sourcesOf, subjectOf, tablesRead, type Subject } from './batch-subject.ts';
import { dataStatement } from './data-statement.ts';
import { isCorrelated } from './inner-queries.ts';
import { determined, manyRows, notReached, resolveColumn } from './query-level.ts';
import { columnPath, plainColumn } from './query-sources.ts';
import { sharedValues } from './shared-values.ts';
import { ancestorsOf, familyOf, withRows } from './table-family.ts';

/** A statement that may be cut along the rows of `walked`. */
export type Batchable = Pick<Subject, 'statement' | 'assignments' | 'target' | 'walked'> & {
  /** The statement, reading `onward_once` in place of what is worked out once. */
  readonly node: Node;
  readonly once: NonNullable<BackfillRun['once']>;
  /** Tables that it reads beside the walked one. */
  readonly others: readonly Table[];
};

export type Verdict = ({ readonly batched: true } & Batchable) | { readonly batched: false; readonly reason: string };

export function batchable(node: Node, catalog: Catalog): Verdict {
  const statement = dataStatement(node);
  if (statement === null) return refused('it is not a statement that reads rows');
  const target = resolveTable(catalog, relationName(statement.target));
  if (target === null) return refused(`${statement.target.relname ?? ''} is not known as a table`);
  const written = subjectOf(statement, target, catalog);
  if (typeof written === 'string') return refused(written);
  const once = sharedValues(node, written);
  const rewritten = once === null ? null : dataStatement(once.node);
  const subject = rewritten === null ? written : subjectOf(rewritten, target, catalog, once?.queries);
  if (typeof subject === 'string') return refused(subject);
  for (const obligation of obligations) {
    const reason = obligation(subject);
    if (reason !== null) return refused(reason);
  }
  const others = tablesRead(subject).filter((table) => table !== subject.walked.relation.table);
  return { ...subject, batched: true, node: once?.node ?? node, once: once?.values ?? [], others };
}

function refused(reason: string): Verdict {
  return { batched: false, reason };
}

/** In the order in which they are asked; each gives the reason, or null when it is met. */
const obligations: readonly ((subject: Subject) => string | null)[] = [
  isOrdinaryTable,
  isWholeFamily,
  givesNothingBack,
  hasKey,
  keepsItsPlace,
  hasNoStatementTriggers,
  hasNoRules,
  hasNoForcedRowSecurity,
  readsWhatIsUnderstood,
  readsNotWhatItChanges,
  leavesItsOwnRowsAlone,
  isCheckedRowByRow,
  looksAtValues,
  callsNothingUnknown,
  sharesNoValue,
  meetsAtMostOneRow,
  readsInPieces,
  conflictsOncePerRow,
];

/** The rows and the cursor must be committed together: not over a foreign server, nor in what a crash takes away. */
function isOrdinaryTable({ family, walked, catalog }: Subject): string | null {
  for (const { kind, persistence, name } of [...family, ...familyOf(catalog, walked.relation.table)]) {
    if (kind === 'foreign') return `${name} is a foreign table`;
    if (persistence === 'temporary') return `${name} is a temporary table`;
  }
  return null;
}

/** ONLY leaves out the tables below; the batches go through all of them. */
function isWholeFamily({ statement, walked, family, level, catalog }: Subject): string | null {
  if (statement.command !== 'insert') {
    return statement.target.inh !== true && family.length > 1 ? `ONLY leaves out what is below ${walked.what}` : null;
  }
  const below = familyOf(catalog, walked.relation.table).length > 1;
  const only = rangesOf(statement.from).some(
    (range) => (range.alias?.aliasname ?? range.relname) === walked.name && range.inh !== true,
  );
  return below && only && level.sources.includes(walked) ? `ONLY leaves out what is below ${walked.what}` : null;
}

/** Nobody would read the rows of RETURNING, and its functions would be called all the same. */
function givesNothingBack({ statement }: Subject): string | null {
  return statement.returning ? 'it has a RETURNING list' : null;
}

/** Without a key no row can be told from another for certain; a row that moved along it would be met twice or never. */
function hasKey({ walked, assigned, statement, catalog }: Subject): string | null {
  const changed = statement.command === 'insert' ? new Set<string>() : assigned;
  for (const table of withRows(familyOf(catalog, walked.relation.table))) {
    const moved = new Set([
      ...changed,
      ...table.columns
        .filter(({ generated }) =>
          [...changed].some((each) => expressionUses(generated?.expression ?? null, each, table.name)),
        )
        .map(({ name }) => name),
    ]);
    // On a server a partition has the keys of its parent; in a folded catalog it has none of its own.
    const holders = [table, ...(table.partitionOf === null ? [] : ancestorsOf(catalog, table))];
    const holder = holders.find((each) => keyForBackfill(each) !== null);
    if (holder === undefined) return `${table.name} has no primary key or unique not-null key to walk along`;
    if (keyForBackfill(holder, moved) !== null) continue;
    const column = keyForBackfill(holder)?.find(({ name }) => moved.has(name));
    return `it changes ${column?.name ?? 'the key'}, by which the batches would be cut`;
  }
  return null;
}

/** A row that moves to another partition would be met again there. */
function keepsItsPlace({ family, assigned, statement }: Subject): string | null {
  if (statement.command === 'insert') return null;
  const column = family.flatMap((table) => table.partitionKeyColumns).find((each) => assigned.has(each));
  return column === undefined ? null : `it changes ${column}, so rows would move between partitions`;
}

/** Fired once by the statement, and once by each batch. */
function hasNoStatementTriggers({ family, statement, assigned }: Subject): string | null {
  const events = new Set<string>([
    statement.command,
    ...(statement.command === 'insert' && assigned.size > 0 ? ['update'] : []),
  ]);
  const trigger = family
    .flatMap((table) => table.triggers)
    .find(
      ({ level, enabled, events: fired }) =>
        level === 'statement' &&
        enabled !== 'disabled' &&
        enabled !== 'replica' &&
        fired.some((each) => events.has(each)),
    );
  return trigger === undefined ? null : `the trigger ${trigger.name} fires once for the whole statement`;
}

/** A rule turns the statement into another one; those of a partition would apply where the statement names its parent. */
function hasNoRules({ family }: Subject): string | null {
  const table = family.find(({ rules }) => rules.length > 0);
  return table === undefined ? null : `the rule ${table.rules[0]?.name ?? ''} on ${table.name} rewrites it`;
}

/** The statement passes over rows that a policy hides from its own owner; a batch, which must miss none, refuses them. */
function hasNoForcedRowSecurity(subject: Subject): string | null {
  const table = [...subject.family, ...tablesRead(subject)].find(({ rowSecurity }) => rowSecurity.forced);
  return table === undefined ? null : `row security is forced on ${table.name}`;
}

/** Of a view or a table nobody knows it cannot be said whose rows they are. */
function readsWhatIsUnderstood(subject: Subject): string | null {
  for (const { what, relation } of sourcesOf(subject)) {
    if (relation.kind === 'view') return `it reads the view ${what}`;
    if (relation.kind === 'unknown') return `it reads ${what}, of which nothing is known`;
    if (relation.kind !== 'table') continue;
    if (relation.table.kind === 'foreign') return `it reads the foreign table ${what}`;
    if (relation.table.persistence === 'temporary') return `it reads the temporary table ${what}`;
  }
  for (const { query, level } of subject.inner) {
    if (query.lockingClause !== undefined) return 'it locks rows that it reads';
    if (level === null && query.op === 'SETOP_NONE' && query.valuesLists === undefined)
      return 'what a sub-query reads from is not understood';
  }
  return subject.statement.insert?.query.lockingClause === undefined ? null : 'it locks rows that it reads';
}

/**
 * The statement sees all tables as they were at its start. A batch sees what the earlier ones did, so nothing that they
 * change may be read: the target, what is above and below it, and what foreign keys change along with it.
 */
function readsNotWhatItChanges(subject: Subject): string | null {
  const { target, family, catalog, statement } = subject;
  const own = [...family, ...ancestorsOf(catalog, target)];
  const along = tablesChangedThrough(subject, catalog);
  for (const table of tablesRead(subject)) {
    if (own.some((each) => sameName(each, table)))
      return statement.command === 'insert'
        ? `it reads ${table.name}, into which it inserts`
        : 'what it does to a row depends on other rows of the same table';
    const through = along.get(objectKey(table));
    if (through !== undefined) return `it reads ${table.name}, which the foreign key ${through} changes along with it`;
  }
  return null;
}

/** A foreign key of the table to itself is checked, or acts, on rows that a later batch would have changed first. */
function leavesItsOwnRowsAlone(subject: Subject): string | null {
  const { family, statement, assigned, catalog } = subject;
  const isOwn = (name: { readonly schema: string; readonly name: string }) =>
    family.some((each) => sameName(each, name));
  for (const constraint of family.flatMap((table) => table.constraints)) {
    const { references, name, columns } = constraint;
    if (references === null || !isOwn(references.table)) continue;
    const concerned = {
      delete: true,
      update: references.columns.some((column) => assigned.has(column)),
      insert:
        references.columns.some((column) => assigned.has(column)) ||
        statement.insert?.columns.length === 0 ||
        columns.some((column) => statement.insert?.columns.includes(column) === true),
    };
    if (concerned[statement.command]) return `the foreign key ${name} ties rows of the table to each other`;
  }
  const back = [...tablesChangedThrough(subject, catalog)].find(([key]) =>
    family.some((each) => objectKey(each) === key),
  );
  return back === undefined ? null : `the foreign key ${back[1]} changes other rows of the table`;
}

/** A deferrable key is checked at the end of the statement, when all rows have their new values. */
function isCheckedRowByRow({ family, assigned }: Subject): string | null {
  if (assigned.size === 0) return null;
  const found = family
    .flatMap((table) => table.constraints)
    .find(
      ({ kind, deferrable, columns }) =>
        deferrable &&
        (kind === 'exclusion' ||
          (kind !== 'foreign_key' && kind !== 'check' && columns.some((each) => assigned.has(each)))),
    );
  return found === undefined ? null : `${found.name} is checked when all of its rows are changed`;
}

const places: ReadonlySet<string> = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax']);

/** Where a row lies and who wrote it changes from batch to batch. */
function looksAtValues({ statement, walked, expressions, level }: Subject): string | null {
  let reason: string | null = null;
  visit([expressions, statement.from], (tag, fields) => {
    if (tag === 'CurrentOfExpr') reason = 'WHERE CURRENT OF means the row of a cursor';
    if (tag !== 'ColumnRef') return;
    const path = columnPath(fields);
    const column = path.at(-1) ?? '';
    if (places.has(column) || (statement.command === 'insert' && column === 'tableoid'))
      reason ??= `it reads ${column}, which is not a value of the row`;
    // A row as a value has the type of the table; the batch reads it through a query of its own.
    const isRow = path.length === 1 && column === walked.name && resolveColumn(path, [level.sources]) === null;
    if (statement.command === 'insert' && isRow) reason ??= `it reads a row of ${walked.what} as one value`;
  });
  return reason;
}

/** A function of the person's own may read the table, and a volatile one may do anything, or give one value to all rows. */
function callsNothingUnknown({ expressions, statement, target, assignments, catalog }: Subject): string | null {
  const { insert, from } = statement;
  const queries = [from, statement.with, insert?.query.targetList, expressions];
  const isDefault = ({ name }: { readonly name: string }): boolean =>
    insert === null
      ? assignments.some(({ column, value }) => column === name && value === null)
      : !insert.columns.includes(name);
  const defaults = target.columns.filter(isDefault).flatMap((column) => column.default ?? []);
  return (
    unsafeCall([...expressions, ...from], 'row', catalog) ??
    unsafeCall(queries, 'query', catalog) ??
    unsafeCall(
      defaults.map((text) => parseExpression(text)),
      'row',
      catalog,
    )
  );
}

/**
 * What does not depend on the row is one value for the whole statement; the tables it comes from may change between two
 * batches, which then would give their rows different ones. Sub-queries of this kind are worked out once
 * (shared-values.ts); what is left could not be taken out.
 */
function sharesNoValue({ inner, level, walked }: Subject): string | null {
  const shared = inner.find((each) => {
    const reads = each.level === null || each.level.sources.some(({ readsTables }) => readsTables);
    return each.place === 'value' && reads && !isCorrelated(each);
  });
  if (shared !== undefined) {
    const name = shared.level?.sources.find(({ readsTables }) => readsTables)?.what ?? 'other tables';
    return `its sub-query on ${name} gives one value for all of its rows`;
  }
  const others = level.sources.filter((source) => source !== walked && source.readsTables);
  const loose = others.find(
    (source) => determined(source, level, new Set(level.sources.filter((each) => each !== source)), []).size === 0,
  );
  return loose === undefined ? null : `no equality ties the rows of ${loose.what} to those of ${walked.what}`;
}

/** Of several rows that match, UPDATE takes the one it finds first; a batch finds another one first. */
function meetsAtMostOneRow({ statement, level, walked }: Subject): string | null {
  if (statement.command !== 'update') return null;
  const [many] = manyRows(level, [walked]);
  return many === undefined ? null : `several rows of ${many.what} may match one row of ${walked.what}`;
}

/** A statement reads a large table once; batches would read it again each time, and run into their timeout. */
function readsInPieces({ level, walked, inner }: Subject): string | null {
  const far =
    notReached(level, [walked])[0] ??
    inner.flatMap(({ level: inside, outer, place }) => {
      if (inside === null || place === 'source') return [];
      return notReached(inside, [], place === 'whole' ? [] : outer);
    })[0];
  return far === undefined ? null : `each batch would read the whole of ${far.what}: no index leads from a row to it`;
}

/**
 * DO UPDATE refuses to change one row twice, which only the whole statement can notice: so no two of the rows that are
 * read may meet the same row. With DO NOTHING the first one wins, in batches as in the statement.
 */
function conflictsOncePerRow({ statement: { insert }, walked, assigned }: Subject): string | null {
  if (insert === null || insert.conflict === null || assigned.size === 0) return null;
  const given = (insert.conflict.infer?.indexElems ?? []).map((element) => {
    const column = 'IndexElem' in element ? element.IndexElem.name : undefined;
    const position = column === undefined ? -1 : insert.columns.indexOf(column);
    const value = insert.values[position];
    return value === undefined ? null : plainColumn(value);
  });
  const known = new Set(given.flatMap((column) => column ?? []));
  const distinct = walked.uniqueOn.some((key) => key.every((column) => known.has(column)));
  return distinct ? null : `two rows of ${walked.what} may meet the same row of the table`;
}

function rangesOf(from: readonly Node[]): readonly RangeVar[] {
  return from.flatMap((item) => {
    if ('JoinExpr' in item) return rangesOf([item.JoinExpr.larg, item.JoinExpr.rarg].flatMap((side) => side ?? []));
    return 'RangeVar' in item ? [item.RangeVar] : [];
  });
}
