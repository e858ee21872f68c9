/**
 * Whether the database holds what both versions wrote. The expectation is made by Postgres itself, in another database:
 * the rows of `given`, all that the old version wrote, then the plain SQL, then all that the new version wrote. So a
 * renamed column has the values of both versions under its new name, and a changed type those that USING makes.
 *
 * Not compared is what depends on who came first, which is no matter of ours: values that the migration itself sets,
 * defaults that it changes, rows that it copies or deletes, columns that nobody but a trigger it changes has written.
 */
import { expect } from 'vitest';
import { objectKey, type Catalog, type QualifiedName, type Table } from '../../../src/catalog/model.ts';
import { qualifiedName } from '../../../src/sql/identifier.ts';
import { parseFile } from '../../../src/sql/parse.ts';
import { forwardStatements } from '../../../src/sql/sections.ts';
import { visit } from '../../../src/sql/walk.ts';
import type { CaseDatabase } from './case-database.ts';
import type { OperationCase } from './case-file.ts';
import { numberedColumns } from './expectations.ts';
import { outcomeOf, sendPlainly, type Outcome } from './plain-run.ts';
import { describeDataDifferences, differingColumns, type Data } from './table-data.ts';

export type ClientRun = {
  readonly operationCase: OperationCase;
  /** The schemas that the versions know. */
  readonly old: Catalog;
  readonly new: Catalog;
  /** What the versions wrote. */
  readonly oldJournal: readonly string[];
  readonly newJournal: readonly string[];
};

export async function expectNothingLost(plain: CaseDatabase, actual: Outcome, run: ClientRun): Promise<void> {
  const except = timeDependentColumns(run);
  const tables = timeDependentTables(run);
  const compared = (outcome: Outcome): Data =>
    new Map([...outcome.data].filter(([name]) => !tables.has(name) && !isMaterialized(outcome.catalog, name)));
  // The two clients take from a sequence in an order of their own.
  const numbered = numberedColumns(actual);
  const differences = (expected: Data, presenceOnly: ReadonlySet<string>) =>
    describeDataDifferences(expected, compared(actual), { except, presenceOnly });

  const expected = compared(await replay(plain, run));
  if (differences(expected, numbered).length === 0) return;
  // The clock and random values: what is different each time.
  const again = compared(await replay(plain, run));
  const lost = differences(expected, new Set([...numbered, ...differingColumns(expected, again)]));
  if (lost.length > 0) expect.fail(`Not everything that the clients wrote is there:\n  ${lost.join('\n  ')}`);
}

async function replay(plain: CaseDatabase, run: ClientRun): Promise<Outcome> {
  await plain.prepare(run.operationCase);
  await plain.client.query(run.oldJournal.join(';\n'));
  await sendPlainly(plain, run.operationCase);
  // In a session of its own: after a change of type, PL/pgSQL triggers fail in sessions that have run them before.
  const session = await plain.connect('replay');
  try {
    await session.query(run.newJournal.join(';\n'));
  } finally {
    await session.end();
  }
  return outcomeOf(plain);
}

function isMaterialized({ views }: Catalog, name: string): boolean {
  return [...views.values()].some((view) => view.kind === 'materialized' && qualifiedName(view) === name);
}

/** Tables that the migration fills from other tables, or from which it deletes rows. */
function timeDependentTables({ operationCase, new: catalog }: ClientRun): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { tag, fields } of dataStatements(operationCase.changes)) {
    if (tag === 'CreateTableAsStmt') visitNames(fields['into'], names);
    if (tag === 'DeleteStmt') visitNames(fields['relation'], names);
    if (tag === 'InsertStmt' && !hasValues(fields)) visitNames(fields['relation'], names);
  }
  return new Set(
    [...catalog.tables.values()].filter((table) => names.has(rootOf(table, catalog).name)).map(qualifiedName),
  );
}

function timeDependentColumns(run: ClientRun): ReadonlySet<string> {
  const after = [...run.new.tables.values()];
  const updated = updatedColumns(run.operationCase.changes);
  const givenDefault = columnsGivenDefault(run.operationCase.changes);
  const before = (table: Table) => run.old.tables.get(objectKey(table));
  return new Set([
    ...columnsOf(after, (table) => [...(updated.get(rootOf(table, run.new).name) ?? [])]),
    ...columnsOf(after, (table) =>
      table.columns
        .filter(({ name, default: value }) => {
          const there = before(table)?.columns.find((column) => column.name === name);
          // A default that comes behind its column is none of the rows that were there before.
          return there === undefined ? value !== null && givenDefault.has(name) : there.default !== value;
        })
        .map(({ name }) => name),
    ),
    ...columnsOf(after, (table) => {
      const there = before(table);
      const changed = there !== undefined && triggersOf(table, run.new) !== triggersOf(there, run.old);
      return changed ? leftToTriggers(table, run) : [];
    }),
  ]);
}

/** Columns that the migration's own UPDATE statements set, under all their names, by the table's name. */
function updatedColumns(changes: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { tag, fields } of dataStatements(changes)) {
    if (tag !== 'UpdateStmt') continue;
    const names = new Set<string>();
    visitNames(fields['relation'], names);
    for (const name of names) {
      const columns = found.get(name) ?? new Set<string>();
      for (const column of targetColumns(fields['targetList'])) columns.add(column);
      found.set(name, columns);
    }
  }
  for (const { from, to, table } of columnRenames(changes)) {
    const columns = found.get(table);
    if (columns?.has(from) === true) columns.add(to);
  }
  return found;
}

/** Those that SET DEFAULT is about, under all their names. */
function columnsGivenDefault(changes: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { fields } of statementsOf(changes, new Set(['AlterTableCmd'])))
    if (fields['subtype'] === 'AT_ColumnDefault' && typeof fields['name'] === 'string') names.add(fields['name']);
  for (const { from, to } of columnRenames(changes)) if (names.has(from)) names.add(to);
  return names;
}

/** In the order in which they are written. */
function columnRenames(changes: readonly string[]) {
  return changes
    .flatMap((source) => forwardStatements(parseFile(source, { file: 'statements.sql' })))
    .flatMap(({ node }) => {
      if (!('RenameStmt' in node) || node.RenameStmt.renameType !== 'OBJECT_COLUMN') return [];
      const { relation, subname = '', newname = '' } = node.RenameStmt;
      return [{ table: relation?.relname ?? '', from: subname, to: newname }];
    });
}

/** Columns to which no statement of the clients gives a value itself. */
function leftToTriggers(table: Table, { operationCase: { oldClient, newClient } }: ClientRun): readonly string[] {
  if (oldClient === null || newClient === null) return [];
  const written = new Set(
    table.constraints.filter(({ kind }) => kind === 'primary_key').flatMap(({ columns }) => columns),
  );
  const sections = [oldClient, newClient].map((section) => section.replaceAll(/(?<![:\w]):[nr]\b/g, '1'));
  for (const { fields } of dataStatements(sections)) {
    const names = new Set<string>();
    visitNames(fields['relation'], names);
    if (!names.has(table.name)) continue;
    const columns = targetColumns(fields['targetList'] ?? fields['cols']);
    for (const column of columns.length === 0 ? table.columns.map(({ name }) => name) : columns) written.add(column);
  }
  return table.columns.map(({ name }) => name).filter((name) => !written.has(name));
}

/** Row triggers and what they run; as text, to be compared. */
function triggersOf({ triggers }: Table, { functions }: Catalog): string {
  return JSON.stringify(
    triggers.map(({ definition, function: called }) => [
      definition,
      [...functions.values()].filter((each) => objectKey(each) === objectKey(called)).map((each) => each.definition),
    ]),
  );
}

function columnsOf(tables: readonly Table[], columns: (table: Table) => readonly string[]): ReadonlySet<string> {
  return new Set(tables.flatMap((table) => columns(table).map((name) => `${qualifiedName(table)}.${name}`)));
}

function rootOf(table: Table, catalog: Catalog): QualifiedName {
  const above = table.partitionOf?.parent ?? table.inherits[0];
  const parent = above === undefined ? undefined : catalog.tables.get(objectKey(above));
  return parent === undefined ? table : rootOf(parent, catalog);
}

type DataStatement = { readonly tag: string; readonly fields: Readonly<Record<string, unknown>> };

const dataTags: ReadonlySet<string> = new Set(['UpdateStmt', 'InsertStmt', 'DeleteStmt', 'CreateTableAsStmt']);

function dataStatements(sources: readonly string[]): readonly DataStatement[] {
  return statementsOf(sources, dataTags);
}

function statementsOf(sources: readonly string[], tags: ReadonlySet<string>): readonly DataStatement[] {
  const found: DataStatement[] = [];
  const statements = sources.flatMap((source) => forwardStatements(parseFile(source, { file: 'statements.sql' })));
  for (const { node } of statements) {
    visit(node, (tag, fields) => {
      if (tags.has(tag)) found.push({ tag, fields });
    });
  }
  return found;
}

function visitNames(part: unknown, names: Set<string>): void {
  for (const [key, value] of Object.entries(asRecord(part))) {
    if (key === 'relname' && typeof value === 'string') names.add(value);
    else if (key === 'rel') visitNames(value, names);
  }
}

function targetColumns(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((target: unknown) => {
    const name = asRecord(asRecord(target)['ResTarget'])['name'];
    return typeof name === 'string' ? [name] : [];
  });
}

function hasValues(fields: Readonly<Record<string, unknown>>): boolean {
  const query = asRecord(asRecord(fields['selectStmt'])['SelectStmt']);
  return fields['selectStmt'] === undefined || query['valuesLists'] !== undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
