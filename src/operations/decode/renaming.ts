/**
 * RENAME and SET SCHEMA statements, taken apart: what kind of object, which one, what it is called afterwards, and the
 * statement that takes it back.
 */
import type { AlterEnumStmt, AlterObjectSchemaStmt, Node, RangeVar, RenameStmt } from '@pgsql/types';
import { emit } from '../../sql/emit.ts';
import { typeText } from '../../sql/type-name.ts';
import type { StatementNode } from '../../sql/parse.ts';
import type { RelationName, RenameObject } from '../change.ts';
import { dottedName, objectName, relationName } from './names.ts';

export type Renaming = {
  readonly objectType: RenameObject['objectType'];
  /** The kind in words where `objectType` says `other`: `policy`, `domain constraint`. */
  readonly what: string;
  /** The object, or the table of a constraint, trigger or policy. */
  readonly name: RelationName;
  readonly from: string;
  readonly to: string;
  /** SET SCHEMA: `from` and `to` are schemas; `from` is empty where none is written. */
  readonly moves: boolean;
  /** Functions: the types of the arguments where they are written. */
  readonly argumentTypes: string | null;
  /** IF EXISTS. */
  readonly missingOk: boolean;
};

const objectTypes: Readonly<Record<string, RenameObject['objectType']>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_INDEX: 'index',
  OBJECT_TABCONSTRAINT: 'constraint',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'type',
  OBJECT_SCHEMA: 'schema',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'function',
  OBJECT_AGGREGATE: 'function',
  OBJECT_ROUTINE: 'function',
};

/** Null when the statement renames nothing, or a column. */
export function renaming(node: StatementNode): Renaming | null {
  if ('RenameStmt' in node) return node.RenameStmt.renameType === 'OBJECT_COLUMN' ? null : ofRename(node.RenameStmt);
  if ('AlterObjectSchemaStmt' in node) return ofMove(node.AlterObjectSchemaStmt);
  if ('AlterEnumStmt' in node && node.AlterEnumStmt.oldVal !== undefined) return ofEnum(node.AlterEnumStmt);
  return null;
}

function kindOf(type: string | undefined): Pick<Renaming, 'objectType' | 'what'> {
  const objectType = objectTypes[type ?? ''];
  const what = (type ?? '')
    .replace('OBJECT_', '')
    .replace('DOMCONSTRAINT', 'DOMAIN CONSTRAINT')
    .replaceAll('_', ' ')
    .toLowerCase();
  return { objectType: objectType ?? 'other', what };
}

function ofRename(statement: RenameStmt): Renaming {
  const { renameType, relation, object, subname, newname, missing_ok } = statement;
  const name = relation === undefined ? objectName(object) : relationName(relation);
  return {
    ...kindOf(renameType),
    // A schema, role or database has no name but its own.
    name: relation === undefined && object === undefined ? { schema: null, name: subname ?? '' } : name,
    from: subname ?? name.name,
    to: newname ?? '',
    moves: false,
    argumentTypes: argumentTypes(object),
    missingOk: missing_ok === true,
  };
}

function ofMove(statement: AlterObjectSchemaStmt): Renaming {
  const { objectType, relation, object, newschema, missing_ok } = statement;
  const name = relation === undefined ? objectName(object) : relationName(relation);
  return {
    ...kindOf(objectType),
    name,
    from: name.schema ?? '',
    to: newschema ?? '',
    moves: true,
    argumentTypes: argumentTypes(object),
    missingOk: missing_ok === true,
  };
}

function ofEnum({ typeName, oldVal, newVal }: AlterEnumStmt): Renaming {
  return {
    objectType: 'enum value',
    what: 'enum value',
    name: dottedName(typeName),
    from: oldVal ?? '',
    to: newVal ?? '',
    moves: false,
    argumentTypes: null,
    missingOk: false,
  };
}

function argumentTypes(object: Node | undefined): string | null {
  if (object === undefined || !('ObjectWithArgs' in object) || object.ObjectWithArgs.args_unspecified === true)
    return null;
  return (object.ObjectWithArgs.objargs ?? [])
    .flatMap((node) => ('TypeName' in node ? [typeText(node)] : []))
    .join(', ');
}

/** The statement that gives the old name, or the old schema, back. */
export function reverseRenaming(node: StatementNode, oldSchema: string): string | null {
  if ('RenameStmt' in node) {
    const { missing_ok: _missing, ...statement } = node.RenameStmt;
    const { newname = '', subname } = statement;
    if (subname !== undefined) return emit({ RenameStmt: { ...statement, subname: newname, newname: subname } });
    const from =
      statement.relation === undefined ? objectName(statement.object).name : relationName(statement.relation).name;
    return emit({
      RenameStmt: {
        ...statement,
        ...(statement.relation === undefined
          ? {}
          : { relation: { ...statement.relation, relname: newname, schemaname: oldSchema } }),
        ...(statement.object === undefined ? {} : { object: renamedObject(statement.object, [oldSchema, newname]) }),
        newname: from,
      },
    });
  }
  if ('AlterObjectSchemaStmt' in node) {
    const { missing_ok: _missing, ...statement } = node.AlterObjectSchemaStmt;
    const { newschema = '', relation, object } = statement;
    const moved: RangeVar | undefined = relation === undefined ? undefined : { ...relation, schemaname: newschema };
    return emit({
      AlterObjectSchemaStmt: {
        ...statement,
        ...(moved === undefined ? {} : { relation: moved }),
        ...(object === undefined ? {} : { object: renamedObject(object, [newschema, objectName(object).name]) }),
        newschema: oldSchema,
      },
    });
  }
  if ('AlterEnumStmt' in node) {
    const { oldVal, newVal } = node.AlterEnumStmt;
    if (oldVal === undefined || newVal === undefined) return null;
    return emit({ AlterEnumStmt: { ...node.AlterEnumStmt, oldVal: newVal, newVal: oldVal } });
  }
  return null;
}

function renamedObject(object: Node, path: readonly string[]): Node {
  const names: Node[] = path.map((part) => ({ String: { sval: part } }));
  if ('ObjectWithArgs' in object) return { ObjectWithArgs: { ...object.ObjectWithArgs, objname: names } };
  if ('TypeName' in object) return { TypeName: { ...object.TypeName, names } };
  if ('String' in object) return { String: { sval: path.at(-1) ?? '' } };
  return { List: { items: names } };
}
