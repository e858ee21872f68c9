/**
 * What stands in the way of renaming a column through a copy, and what the person must know of it.
 */
import { childrenOf } from '../../catalog/lookup.ts';
import type { Catalog, Column, Table } from '../../catalog/model.ts';
import { MigrateError } from '../../errors.ts';
import { parseExpression } from '../../sql/parse.ts';
import type { RenameColumn } from '../change.ts';
import { forbidsNull } from './domain-base.ts';
import { expressionVolatility } from './expression-volatility.ts';
import { publicationsOf } from './publications-of.ts';
import { triggersOn } from './twin-triggers.ts';

/** Throws where a copy cannot stand for the column, with the reason and the way out. */
export function refuseRename(change: RenameColumn, table: Table, column: Column, catalog: Catalog): void {
  const { from } = change;
  if (table.partitionKeyColumns.includes(from)) {
    throw cannotRename(
      change,
      table,
      `the rows of ${table.name} are partitioned by it: a row is put into its partition before a trigger could give it the value from the other name`,
    );
  }
  if (childrenOf(catalog, table).some((child) => child.partitionOf === null)) {
    throw cannotRename(change, table, `other tables inherit from ${table.name}, and triggers are not inherited`);
  }
  const domain = forbidsNull(catalog, column.type);
  if (domain !== null && column.default === null) {
    throw cannotRename(
      change,
      table,
      `its type ${domain} allows no NULL, and that is checked before a trigger could give an INSERT of the new application the value from the other name`,
    );
  }
  if (column.default !== null && !column.notNull && column.identity === null && hasVolatileDefault(column, catalog)) {
    throw cannotRename(
      change,
      table,
      `its default ${column.default} gives another value each time and NULL is allowed: an INSERT of the new application that writes NULL could not be told from one that leaves the column out`,
      `Make the column NOT NULL or drop its default first, in a migration of its own.`,
    );
  }
}

export function cannotRename(change: RenameColumn, table: Table, reason: string, hint?: string): MigrateError {
  return new MigrateError(
    'CANNOT_PLAN',
    `${table.name}.${change.from} cannot be renamed while both names are in use, because ${reason}.`,
    {
      hint: `${hint === undefined ? '' : `${hint} `}To rename it at once, when no running application uses the old name any more, write above the statement:\n  -- migrate:phase contract\n  -- migrate:raw -- <reason>`,
      details: { table: table.name, column: change.from },
    },
  );
}

export function renameNotes(change: RenameColumn, table: Table, catalog: Catalog): readonly string[] {
  const { from, to } = change;
  const inKey = table.constraints.some((one) => one.kind === 'primary_key' && one.columns.includes(from));
  return [
    ...publicationsOf(catalog, table).map(
      ({ name }) => `The publication ${name} sends ${to}, too: add the column on its subscribers before this step.`,
    ),
    ...(inKey
      ? [
          `Until contract the primary key stays on ${from}: GROUP BY ${to} alone does not cover the table's other columns.`,
        ]
      : []),
    ...triggersOn(table, from).map(
      (trigger) =>
        `The trigger ${trigger.name} (UPDATE OF ${from}) also fires when ${to} is written and changes the value.`,
    ),
  ];
}

/** Gives another value each time it is evaluated, so that nothing can be compared with it. */
export function hasVolatileDefault(column: Column, catalog: Catalog): boolean {
  if (column.identity !== null) return true;
  return column.default !== null && expressionVolatility(parseExpression(column.default), catalog) !== 'not volatile';
}
