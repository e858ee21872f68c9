/**
 * Renaming columns through a view (row 12, strategy `view`): no data is copied.
 *
 * Expand gives the table a helper's name and puts an updatable view in its place that has each renamed column under both
 * names; contract puts the table back and renames its columns. Either is one short transaction. Constraints, indexes,
 * foreign keys in both directions, triggers, policies and sequences never leave the table.
 *
 * What the application could notice is that it talks to a view, which the plan lists, and what says the table's name
 * elsewhere: triggers that ask for it, subscribers, functions of its row type. There the copy is the way.
 */
import { childrenOf, columnOf } from '../../catalog/lookup.ts';
import type { Catalog, Table } from '../../catalog/model.ts';
import { functionKey } from '../../catalog/model.ts';
import { identifier, qualified, sql } from '../../sql/template.ts';
import type { RenameColumn } from '../change.ts';
import { derivedName } from '../derived-name.ts';
import { transactional, undoBy, type StepDraft } from '../step-draft.ts';
import { functionsToFollow } from './functions-to-follow.ts';
import { cannotRename } from './rename-limits.ts';
import { usersOfRowType } from './row-type-users.ts';
import { standInView, viewNotes, whyNoView } from './stand-in-view.ts';

/** Several columns of one table at once, because there can be one view only. */
export function viewSteps(
  changes: readonly RenameColumn[],
  table: Table,
  catalog: Catalog,
  migration: string,
): readonly StepDraft[] {
  const away = { schema: table.schema, name: derivedName('table', migration, table) };
  const view = standInView({
    catalog,
    table,
    now: away,
    aliases: changes.map(({ from, to }) => ({ column: from, as: to })),
    comment: `Stands for ${table.name}, now ${away.name}, until the contract or rollback of migration ${migration}.`,
  });
  const names = changes.map(({ from, to }) => `${from} as ${to}`).join(' and ');
  const goAway = sql`ALTER TABLE ${qualified(table)} RENAME TO ${identifier(away.name)}`.text;
  const comeBack = [view.drop, sql`ALTER TABLE ${qualified(away)} RENAME TO ${identifier(table.name)}`.text];
  const rename = changes.map(
    ({ from, to }) => sql`ALTER TABLE ${qualified(table)} RENAME COLUMN ${identifier(from)} TO ${identifier(to)}`.text,
  );
  const renameBack = changes
    .map(
      ({ from, to }) =>
        sql`ALTER TABLE ${qualified(table)} RENAME COLUMN ${identifier(to)} TO ${identifier(from)}`.text,
    )
    .toReversed();
  return [
    {
      phase: 'expand',
      title: `Put a view in the place of ${table.name} that has ${names}, too`,
      run: transactional(goAway, ...view.create),
      undo: undoBy(transactional(...comeBack)),
      notes: [
        ...viewNotes(catalog, table),
        `The table is called ${away.name} meanwhile, also in messages of the server about its rows.`,
      ],
    },
    {
      phase: 'contract',
      title: `Put ${table.name} back in the place of the view, with ${names}`,
      run: transactional(...comeBack, ...rename),
      undo: undoBy(transactional(...renameBack, goAway, ...view.create)),
      notes: changes.flatMap(({ from, to }) => functionsToFollow(table, from, to)),
    },
  ];
}

/** Throws where the view would not be the table to everybody, with the way out. */
export function refuseView(change: RenameColumn, table: Table, catalog: Catalog): void {
  const reason = obstacle(table, catalog);
  if (reason === null) return;
  throw cannotRename(
    change,
    table,
    `the strategy "view" puts a view in the place of ${table.name}, and ${reason}`,
    'Use the copy: leave out the line "-- migrate:strategy view".',
  );
}

/** Whether the column can be one of those that a view shows under two names. */
export function isRenamable({ from, to }: RenameColumn, table: Table): boolean {
  return columnOf(table, from) !== null && columnOf(table, to) === null;
}

function obstacle(table: Table, catalog: Catalog): string | null {
  const noView = whyNoView(catalog, table);
  if (noView !== null) return `it ${noView}`;
  if (table.partitionOf !== null) return `it is a partition`;
  if (childrenOf(catalog, table).some((child) => child.partitionOf === null) || table.inherits.length > 0) {
    return 'other tables share its columns by inheritance, under one name';
  }
  const [rule] = table.rules;
  if (rule !== undefined) return `its rule ${rule.name} rewrites statements that name the table`;
  const publication = [...catalog.publications.values()].find(
    ({ tables, schemas }) =>
      tables === null ||
      schemas.includes(table.schema) ||
      tables.some(({ schema, name }) => schema === table.schema && name === table.name),
  );
  if (publication !== undefined) {
    return `the publication ${publication.name} would send its rows under another name meanwhile`;
  }
  const trigger = table.triggers.find(({ function: called }) => {
    const definition = catalog.functions.get(functionKey(called, ''))?.definition ?? '';
    return asksForTheTable.test(definition);
  });
  if (trigger !== undefined) {
    return `the function of its trigger ${trigger.name} asks for the table's name, which would be another one meanwhile`;
  }
  const [user] = usersOfRowType(catalog, table);
  return user === undefined
    ? null
    : `${user} uses rows of the table as values, and a row of the view is of another type`;
}

/** TG_TABLE_NAME, TG_RELNAME and TG_RELID, also as other languages spell them. */
const asksForTheTable = /\btg_(table_name|relname|relid)\b|\b(table_name|relname|relid)\b["'}]/i;
