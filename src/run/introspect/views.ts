/** Views and materialized views. */

import type { View } from '../../catalog/model.ts';
import { commentJoin, grants, sorted } from './scope.ts';

export type ViewRow = {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'v' | 'm';
  readonly populated: boolean;
  /** Null when the view was dropped after the statement had begun. */
  readonly definition: string | null;
  readonly options: readonly string[] | null;
  readonly owner: string;
  readonly comment: string | null;
  readonly grants: readonly string[] | null;
};

export const viewsSql = `
  select rel.oid as id, rel.nspname as schema, rel.relname as name, rel.relkind as kind, rel.relispopulated as populated,
    pg_get_viewdef(rel.oid) as definition, to_json(rel.reloptions) as options,
    pg_get_userbyid(rel.relowner) as owner, comment.description as comment,
    ${grants('rel.relacl', 'r', 'rel.relowner')} as grants
  from rel
    ${commentJoin('pg_class', 'rel.oid')}
  where rel.relkind in ('v', 'm')`;

type Parts = Pick<View, 'columns' | 'indexes' | 'triggers' | 'rules' | 'uses'>;

export function viewFrom(row: ViewRow, parts: Parts): View {
  return {
    schema: row.schema,
    name: row.name,
    kind: row.kind === 'v' ? 'view' : 'materialized',
    populated: row.populated,
    ...parts,
    definition: (row.definition ?? '').trim().replace(/;$/, ''),
    options: sorted(row.options),
    owner: row.owner,
    comment: row.comment,
    grants: sorted(row.grants),
  };
}
