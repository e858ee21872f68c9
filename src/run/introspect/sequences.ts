/** Sequences, with the column that owns each; not their values. */

import type { QualifiedName, Sequence } from '../../catalog/model.ts';
import { commentJoin, grants, sorted } from './scope.ts';

export type SequenceRow = {
  readonly schema: string;
  readonly name: string;
  readonly type: Sequence['type'];
  readonly start: string;
  readonly increment: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly cache: string;
  readonly cycle: boolean;
  readonly ownedBy: { readonly table: QualifiedName; readonly column: string } | null;
  readonly identity: boolean;
  readonly owner: string;
  readonly comment: string | null;
  readonly grants: readonly string[] | null;
};

/** The numbers as text: they do not fit into a JavaScript number. pg_depend: `a` is OWNED BY, `i` is identity. */
export const sequencesSql = `
  select rel.nspname as schema, rel.relname as name, format_type(s.seqtypid, null) as type,
    s.seqstart::text as start, s.seqincrement::text as increment, s.seqmin::text as minimum, s.seqmax::text as maximum,
    s.seqcache::text as cache, s.seqcycle as cycle,
    case when dep.objid is not null then json_build_object(
      'table', json_build_object('schema', tn.nspname, 'name', t.relname), 'column', a.attname) end as "ownedBy",
    coalesce(dep.deptype = 'i', false) as identity,
    pg_get_userbyid(rel.relowner) as owner, comment.description as comment,
    ${grants('rel.relacl', 's', 'rel.relowner')} as grants
  from rel
    join pg_sequence s on s.seqrelid = rel.oid
    left join pg_depend dep
      on dep.classid = 'pg_class'::regclass and dep.objid = rel.oid and dep.refclassid = 'pg_class'::regclass
        and dep.refobjsubid > 0 and dep.deptype in ('a', 'i')
    left join pg_class t on t.oid = dep.refobjid
    left join pg_namespace tn on tn.oid = t.relnamespace
    left join pg_attribute a on a.attrelid = dep.refobjid and a.attnum = dep.refobjsubid
    ${commentJoin('pg_class', 'rel.oid')}`;

export function sequenceFrom(row: SequenceRow): Sequence {
  return { ...row, grants: sorted(row.grants) };
}
