/**
 * ALTER TYPE … ADD, DROP and ALTER ATTRIBUTE of a composite type. Values of the type are not touched, and a column of it
 * forbids what would have to change them (measured: composite_add_attribute, composite_alter_attribute_used fails). Only
 * tables made OF the type change with it (CASCADE): a table's columns are changed by statements of their own.
 */
import type { AlterTableCmd } from '@pgsql/types';
import { putObject } from '../catalog/edit.ts';
import { resolveType } from '../catalog/lookup.ts';
import { objectKey, type TypeObject } from '../catalog/model.ts';
import { typeText } from '../sql/type-name.ts';
import { identifier, qualified, sql } from '../sql/template.ts';
import type { AlterComposite } from './change.ts';
import { relationName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { cannotUndo, nothingToUndo, transactional, undoBy } from './step-draft.ts';
import { touchRelation, touchType } from './touch.ts';

const actions: Readonly<Partial<Record<NonNullable<AlterTableCmd['subtype']>, AlterComposite['action']>>> = {
  AT_AddColumn: 'add',
  AT_DropColumn: 'drop',
  AT_AlterColumnType: 'type',
};

export const alterComposite: Operation<AlterComposite> = {
  kind: 'alter_composite',

  decode(part) {
    if (!('AlterTableStmt' in part.node) || part.node.AlterTableStmt.objtype !== 'OBJECT_TYPE') return null;
    const { relation, cmds } = part.node.AlterTableStmt;
    const command = cmds?.[0];
    if (command === undefined || !('AlterTableCmd' in command)) return null;
    const { subtype, name, def, behavior } = command.AlterTableCmd;
    const action = subtype === undefined ? undefined : actions[subtype];
    if (action === undefined) return null;
    const column = def !== undefined && 'ColumnDef' in def ? def.ColumnDef : undefined;
    return [
      {
        kind: 'alter_composite',
        sql: part.sql,
        type: relationName(relation),
        action,
        attribute: name ?? column?.colname ?? '',
        attributeType: column?.typeName === undefined ? null : typeText(column.typeName),
        cascade: behavior === 'DROP_CASCADE',
      },
    ];
  },

  apply(catalog, change) {
    const type = resolveType(catalog, change.type);
    if (type === null) return catalog;
    return putObject(catalog, 'types', objectKey(type), { ...type, attributes: attributesAfter(type, change) });
  },

  touches: (change, catalog) => ({
    reads: change.attributeType === null ? [] : [touchType(catalog, change.attributeType)],
    writes: [touchRelation(catalog, change.type)],
  }),

  // Which tables are made OF the type is not in the catalog.
  effects: (change) => ({ ...noEffects, unknown: change.cascade }),

  plan: (change, { catalog }) => [
    directStep(
      change.action === 'add' ? 'expand' : 'contract',
      change.sql,
      alterComposite.undo(change, catalog),
      change.action === 'add'
        ? ['Whoever takes values of the type apart by position sees one part more.']
        : ['The old version may use the attribute until contract.'],
    ),
  ],

  undo(change, catalog) {
    const type = resolveType(catalog, change.type);
    if (type === null) return nothingToUndo;
    if (change.action !== 'add') return cannotUndo(`attribute ${change.attribute} of ${type.name} was changed`);
    if (type.attributes.some(({ name }) => name === change.attribute)) return nothingToUndo;
    return undoBy(
      transactional(sql`ALTER TYPE ${qualified(type)} DROP ATTRIBUTE IF EXISTS ${identifier(change.attribute)}`.text),
    );
  },
};

function attributesAfter(type: TypeObject, { action, attribute, attributeType }: AlterComposite) {
  const known = type.attributes.some(({ name }) => name === attribute);
  const given = { name: attribute, type: attributeType ?? 'unknown' };
  switch (action) {
    case 'add':
      return known ? type.attributes : [...type.attributes, given];
    case 'drop':
      return type.attributes.filter(({ name }) => name !== attribute);
    case 'type':
      return type.attributes.map((each) => (each.name === attribute ? given : each));
  }
}
