/**
 * Renaming a table, or moving it to another schema, under two running versions (row 13): the table has its new name from
 * expand on, and a view stands under the old one until contract.
 *
 * What the view cannot do for the old version, and what knows the table by its name as a text, is listed in the plan.
 */
import { sameName } from '../../catalog/lookup.ts';
import type { Catalog, FunctionObject, QualifiedName, Table } from '../../catalog/model.ts';
import { MigrateError } from '../../errors.ts';
import { transactional, undoBy, type StepDraft, type Undo } from '../step-draft.ts';
import { statementTitle } from './direct.ts';
import { usersOfRowType } from './row-type-users.ts';
import { standInView, viewNotes, whyNoView } from './stand-in-view.ts';

export type TableRename = {
  readonly catalog: Catalog;
  readonly migration: string;
  /** As it was under the old name. */
  readonly table: Table;
  readonly now: QualifiedName;
  /** As the person wrote it. */
  readonly statement: string;
  /** Of the statement alone. */
  readonly undo: Undo;
};

export function renameTableSteps(rename: TableRename): readonly StepDraft[] {
  const { catalog, migration, table, now, statement, undo } = rename;
  const obstacle = whyNoView(catalog, table);
  if (obstacle !== null) {
    throw new MigrateError('CANNOT_PLAN', `${table.name} ${obstacle}.`, {
      hint: 'To rename it at the moment when no application uses the old name any more, write above the statement: -- migrate:phase contract',
      details: { table: table.name, schema: table.schema },
    });
  }
  const view = standInView({
    catalog,
    table,
    now,
    aliases: [],
    comment: `Old name of ${now.name}, kept by migration ${migration} until its contract.`,
  });
  const back = undo.kind === 'actions' ? undo.actions.flatMap((one) => (one.kind === 'sql' ? one.statements : [])) : [];
  return [
    {
      phase: 'expand',
      title: `${statementTitle(statement)}, with a view under the old name`,
      run: transactional(statement, ...view.create),
      undo: undoBy(transactional(view.drop, ...back)),
      notes: [
        ...viewNotes(catalog, table),
        ...rowTypeNotes(catalog, table),
        ...publishedNotes(catalog, table),
        ...movedSequences(catalog, table, now),
      ],
    },
    {
      phase: 'contract',
      title: `Drop the view under the old name ${table.name}`,
      run: transactional(view.drop),
      undo: undoBy(transactional(...view.create)),
      notes: textNotes(catalog, table, now),
    },
  ];
}

function rowTypeNotes(catalog: Catalog, table: Table): readonly string[] {
  const users = usersOfRowType(catalog, table);
  if (users.length === 0) return [];
  return [
    `A row of that view is no row of the table to ${users.join(', ')}: whoever hands one over must read it by the new name.`,
  ];
}

function publishedNotes(catalog: Catalog, table: Table): readonly string[] {
  return [...catalog.publications.values()]
    .filter(({ tables }) => tables?.some((published) => sameName(published, table)) === true)
    .map(
      ({ name }) =>
        `Publication ${name} sends the rows under the new name from now on: rename the table on its subscribers first.`,
    );
}

/** SET SCHEMA takes them along, and nothing can stand for a sequence. */
function movedSequences(catalog: Catalog, table: Table, now: QualifiedName): readonly string[] {
  if (now.schema === table.schema) return [];
  const names = [...catalog.sequences.values()]
    .filter(({ ownedBy }) => ownedBy !== null && sameName(ownedBy.table, table))
    .map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    `${names.join(', ')} move${names.length === 1 ? 's' : ''} to ${now.schema} with the table: nextval and currval by the name in ${table.schema} fail from now on. Defaults go on.`,
  ];
}

/** Bodies of functions are texts to Postgres, here as after a plain rename. */
function textNotes(catalog: Catalog, table: Table, now: QualifiedName): readonly string[] {
  const word = new RegExp(`(?<![\\w"$])"?${escaped(table.name)}"?(?![\\w"$])`);
  const body = ({ definition }: FunctionObject) => definition.slice(definition.search(/\bAS\b/i));
  const named = [...catalog.functions.values()].filter((f) => f.uses.length === 0 && word.test(body(f)));
  if (named.length === 0) return [];
  const names = [...new Set(named.map(({ name }) => name))];
  const moves = now.schema !== table.schema;
  const name = (of: QualifiedName) => (moves ? `${of.schema}.${of.name}` : of.name);
  return [
    `Functions that name ${name(table)} must name ${name(now)} from this moment on: look at ${names.join(', ')}.`,
  ];
}

function escaped(name: string): string {
  return name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
