/** What a GRANT or REVOKE is about: tables, sequences, functions, schemas by name. None for a role. */
import type { RelationName } from '../operations/change.ts';
import type { SqlStatement } from '../sql/parse.ts';

export function grantedObjects({ node }: SqlStatement): readonly RelationName[] {
  if (!('GrantStmt' in node)) return [];
  return (node.GrantStmt.objects ?? []).flatMap((object) => {
    if ('RangeVar' in object)
      return [{ schema: object.RangeVar.schemaname ?? null, name: object.RangeVar.relname ?? '' }];
    if ('String' in object) return [{ schema: null, name: object.String.sval ?? '' }];
    if (!('ObjectWithArgs' in object)) return [];
    const path = (object.ObjectWithArgs.objname ?? []).flatMap((part) =>
      'String' in part ? [part.String.sval ?? ''] : [],
    );
    return [{ schema: path.at(-2) ?? null, name: path.at(-1) ?? '' }];
  });
}
