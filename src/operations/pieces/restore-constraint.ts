/**
 * A constraint that the catalog knows, put back after it was dropped: a check or foreign key NOT VALID and then
 * validated; a key as an index that is built concurrently and made the constraint.
 */
import type { Catalog, Constraint, Table } from '../../catalog/model.ts';
import { has } from '../../postgres/version.ts';
import { identifier, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';
import { transactional, type UndoAction } from '../step-draft.ts';
import { indexExtras, indexStatements, rebuildConcurrently } from './concurrent-index.ts';
import { constraintParts } from './constraint-parts.ts';
import { addNotValid, restoreComment, restoreDefinition, validate } from './constraint-statement.ts';

/** A check or foreign key: a short lock, then the scan under one that nobody waits for. */
export function restoreUnindexed(catalog: Catalog, table: Table, constraint: Constraint): readonly UndoAction[] {
  const alter = sql`ALTER TABLE ${qualified(table)}`;
  const definition = restoreDefinition(constraint);
  const comment = restoreComment(table, constraint);
  if (!constraint.enforced) {
    const unenforced = sql`${alter} ADD CONSTRAINT ${identifier(constraint.name)} ${raw(definition)} NOT ENFORCED`;
    return [transactional(unenforced.text, ...comment)];
  }
  const whole = has(catalog.version, 'notValidForeignKeyOnPartitioned');
  if (constraint.kind === 'foreign_key' && table.kind === 'partitioned' && !whole) {
    // The parent takes over what its partitions have (partitioned-foreign-key.ts).
    const parts = constraintParts(catalog, table, constraint.name).filter((part) => part.table.kind === 'table');
    return [
      ...parts.flatMap((part) =>
        notValidThenValid(sql`ALTER TABLE ${qualified(part.table)}`, part.constraint, definition),
      ),
      transactional(sql`${alter} ADD CONSTRAINT ${identifier(constraint.name)} ${raw(definition)}`.text, ...comment),
    ];
  }
  return [
    transactional(addNotValid(alter, constraint.name, definition), ...comment),
    ...(constraint.validated ? [transactional(validate(alter, constraint.name))] : []),
  ];
}

function notValidThenValid(alter: SqlFragment, name: string, definition: string): readonly UndoAction[] {
  return [transactional(addNotValid(alter, name, definition)), transactional(validate(alter, name))];
}

/**
 * A primary key, unique or exclusion constraint. `online`: while the table is in use. An exclusion constraint and the key
 * of a partitioned table cannot take over an index that is there, so they are always built under the lock.
 */
export function restoreIndexed(table: Table, constraint: Constraint, online: boolean): readonly UndoAction[] {
  const index = table.indexes.find((candidate) => candidate.name === constraint.index);
  const alter = sql`ALTER TABLE ${qualified(table)} ADD CONSTRAINT ${identifier(constraint.name)}`;
  const comment = restoreComment(table, constraint);
  const takesIndex = constraint.kind !== 'exclusion' && table.kind !== 'partitioned' && index?.method === 'btree';
  if (index === undefined || !takesIndex) {
    const extras = index === undefined ? [] : indexExtras(table, index);
    return [transactional(sql`${alter} ${raw(constraint.definition)}`.text, ...comment, ...extras)];
  }
  const keyword = constraint.kind === 'primary_key' ? 'PRIMARY KEY' : 'UNIQUE';
  const attach = sql`${alter} ${raw(keyword)} USING INDEX ${identifier(index.name)}${raw(deferral(constraint))}`.text;
  return online
    ? [...rebuildConcurrently(table, index), transactional(attach, ...comment)]
    : [transactional(...indexStatements(table, index), attach, ...comment)];
}

/** What stands behind a constraint about when it is checked. */
export function deferral(of: { readonly deferrable: boolean; readonly initiallyDeferred: boolean }): string {
  return of.initiallyDeferred ? ' DEFERRABLE INITIALLY DEFERRED' : of.deferrable ? ' DEFERRABLE' : '';
}
