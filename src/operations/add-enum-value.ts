/**
 * ALTER TYPE … ADD VALUE (row 24): runs as written, in a transaction of its own, because the new label cannot be used
 * before it is committed (measured: alter_type_add_value_then_use_in_tx). It takes no lock on any table. Postgres cannot
 * remove a label again.
 */
import { putObject } from '../catalog/edit.ts';
import { resolveName, resolveType } from '../catalog/lookup.ts';
import { objectKey } from '../catalog/model.ts';
import { emit } from '../sql/emit.ts';
import { parseStatements } from '../sql/parse.ts';
import type { AddEnumValue } from './change.ts';
import { dottedName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { nothingToUndo } from './step-draft.ts';
import { touchRelation } from './touch.ts';

export const addEnumValue: Operation<AddEnumValue> = {
  kind: 'add_enum_value',

  decode(part) {
    if (!('AlterEnumStmt' in part.node)) return null;
    const { typeName, oldVal, newVal, newValNeighbor, newValIsAfter, skipIfNewValExists } = part.node.AlterEnumStmt;
    if (oldVal !== undefined || newVal === undefined) return null;
    const neighbour = newValNeighbor ?? null;
    return [
      {
        kind: 'add_enum_value',
        sql: part.sql,
        type: dottedName(typeName),
        value: newVal,
        ifNotExists: skipIfNewValExists === true,
        before: newValIsAfter === true ? null : neighbour,
        after: newValIsAfter === true ? neighbour : null,
      },
    ];
  },

  apply(catalog, change) {
    const type = resolveType(catalog, change.type);
    if (type === null || type.labels.includes(change.value)) return catalog;
    const neighbour = change.before ?? change.after;
    const at =
      neighbour === null ? type.labels.length : type.labels.indexOf(neighbour) + (change.after === null ? 0 : 1);
    return putObject(catalog, 'types', objectKey(type), {
      ...type,
      labels: type.labels.toSpliced(at, 0, change.value),
    });
  },

  touches: (change, catalog) => ({ reads: [], writes: [touchRelation(catalog, resolveName(catalog, change.type))] }),

  effects: () => noEffects,

  plan(change, { catalog }) {
    // A rollback leaves the label in place, so the next expand finds it there.
    const known = resolveType(catalog, change.type)?.labels.includes(change.value) === true;
    const statement = change.ifNotExists || known ? change.sql : withIfNotExists(change.sql);
    return [
      directStep('expand', statement, addEnumValue.undo(change, catalog), [
        'Postgres cannot remove an enum label: a rollback leaves it in place, unused.',
      ]),
    ];
  },

  undo: () => nothingToUndo,
};

function withIfNotExists(statement: string): string {
  const node = parseStatements(statement)[0]?.node;
  if (node === undefined || !('AlterEnumStmt' in node)) return statement;
  return emit({ AlterEnumStmt: { ...node.AlterEnumStmt, skipIfNewValExists: true } });
}
