/** What a comment, a grant or an owner is for: the objects must be there, whatever else happens to them. */
import type { Node } from '@pgsql/types';
import type { Catalog } from '../../catalog/model.ts';
import { parseStatements } from '../../sql/parse.ts';
import { visit } from '../../sql/walk.ts';
import { objectName, relationName, stringValues } from '../decode/names.ts';
import { touchConstraint, touchExistence } from '../touch.ts';

export function touchesNamed(statement: string, catalog: Catalog): readonly string[] {
  const node = parseStatements(statement)[0]?.node;
  if (node === undefined) return [];
  const keys: string[] = [];
  visit(node, (_tag, _fields, inner) => {
    if ('RangeVar' in inner) keys.push(touchExistence(catalog, relationName(inner.RangeVar)));
  });
  if ('CommentStmt' in node) keys.push(...ofDescribed(node.CommentStmt.object, node.CommentStmt.objtype, catalog));
  if ('AlterOwnerStmt' in node) keys.push(touchExistence(catalog, objectName(node.AlterOwnerStmt.object)));
  if ('GrantStmt' in node && node.GrantStmt.targtype === 'ACL_TARGET_OBJECT')
    keys.push(...(node.GrantStmt.objects ?? []).map((object) => touchExistence(catalog, objectName(object))));
  return keys;
}

/** `COMMENT ON CONSTRAINT c ON t`, and so on, give the path of the table with the name at its end. */
const insideTable: ReadonlySet<string> = new Set([
  'OBJECT_TABCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
]);

function ofDescribed(object: Node | undefined, kind: string | undefined, catalog: Catalog): readonly string[] {
  if (kind === undefined || !insideTable.has(kind) || object === undefined || !('List' in object))
    return [touchExistence(catalog, objectName(object))];
  const path = stringValues(object.List.items);
  const table = { schema: path.at(-3) ?? null, name: path.at(-2) ?? '' };
  return [
    touchExistence(catalog, table),
    ...(kind === 'OBJECT_TABCONSTRAINT' ? [touchConstraint(catalog, table, path.at(-1) ?? '')] : []),
  ];
}
