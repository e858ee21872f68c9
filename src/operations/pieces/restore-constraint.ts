/**
 * A constraint that the catalog knows, put back after it was dropped: a check or foreign key NOT VALID and then
 * validated; a key as an index that is built concurrently and made the constraint.
 */
import type { Constraint, Table } from '../../catalog/model.ts';
import { identifier, qualified, raw, sql } from '../../sql/template.ts';
import { transactional, type UndoAction } from '../step-draft.ts';
import { rebuildConcurrently } from './concurrent-index.ts';
import { addNotValid, restoreComment, restoreDefinition, validate } from './constraint-statement.ts';

/** Adds back a check or foreign key that the catalog knows: short lock, then the scan under a lock nobody waits for. */
export function restoreUnindexed(table: Table, constraint: Constraint): readonly UndoAction[] {
  const alter = sql`ALTER TABLE ${qualified(table)}`;
  const definition = restoreDefinition(constraint);
  const comment = restoreComment(table, constraint);
  if (!constraint.enforced) {
    const unenforced = sql`${alter} ADD CONSTRAINT ${identifier(constraint.name)} ${raw(definition)} NOT ENFORCED`;
    return [transactional(unenforced.text, ...comment)];
  }
  return [
    transactional(addNotValid(alter, constraint.name, definition), ...comment),
    ...(constraint.validated ? [transactional(validate(alter, constraint.name))] : []),
  ];
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
  if (index === undefined || !online || !takesIndex) {
    return [transactional(sql`${alter} ${raw(constraint.definition)}`.text, ...comment)];
  }
  const keyword = constraint.kind === 'primary_key' ? 'PRIMARY KEY' : 'UNIQUE';
  return [
    ...rebuildConcurrently(table, index),
    transactional(
      sql`${alter} ${raw(keyword)} USING INDEX ${identifier(index.name)}${raw(deferral(constraint))}`.text,
      ...comment,
    ),
  ];
}

/** What stands behind a constraint about when it is checked. */
export function deferral(of: { readonly deferrable: boolean; readonly initiallyDeferred: boolean }): string {
  return of.initiallyDeferred ? ' DEFERRABLE INITIALLY DEFERRED' : of.deferrable ? ' DEFERRABLE' : '';
}
