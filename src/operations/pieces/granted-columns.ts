/** What GRANT and REVOKE of single columns do to the catalog, so that a column's successor is given it as well. */
import type { AccessPriv, GrantStmt } from '@pgsql/types';
import { updateColumn } from '../../catalog/edit.ts';
import { resolveTable } from '../../catalog/lookup.ts';
import type { Catalog } from '../../catalog/model.ts';
import { parseStatements } from '../../sql/parse.ts';
import { relationName, stringValues } from '../decode/names.ts';
import { identifier } from '../../sql/template.ts';

/** https://www.postgresql.org/docs/current/ddl-priv.html#PRIVILEGE-ABBREVS-TABLE, what a column can have. */
const letters: Readonly<Record<string, string>> = { select: 'r', insert: 'a', update: 'w', references: 'x' };

export function withColumnsGranted(catalog: Catalog, statement: string): Catalog {
  const node = parseStatements(statement)[0]?.node;
  if (node === undefined || !('GrantStmt' in node)) return catalog;
  const grant = node.GrantStmt;
  const tables = (grant.objects ?? []).flatMap((item) =>
    'RangeVar' in item ? (resolveTable(catalog, relationName(item.RangeVar)) ?? []) : [],
  );
  const privileges = (grant.privileges ?? []).flatMap((item) => ('AccessPriv' in item ? [item.AccessPriv] : []));
  return tables.reduce(
    (edited, table) =>
      privileges.reduce(
        (current, privilege) =>
          stringValues(privilege.cols).reduce(
            (each, name) =>
              updateColumn(each, table, name, (column) => ({
                ...column,
                grants: changed(column.grants, grant, privilege, table.owner ?? ''),
              })),
            current,
          ),
        edited,
      ),
    catalog,
  );
}

function changed(
  before: readonly string[],
  { grantees, is_grant, grant_option }: GrantStmt,
  { priv_name }: AccessPriv,
  grantor: string,
): readonly string[] {
  const given = priv_name === undefined ? Object.values(letters) : [letters[priv_name] ?? ''];
  let grants = before;
  for (const item of grantees ?? []) {
    if (!('RoleSpec' in item)) continue;
    const { roletype, rolename = '' } = item.RoleSpec;
    // Who CURRENT_USER is, is known when it runs.
    if (roletype !== 'ROLESPEC_CSTRING' && roletype !== 'ROLESPEC_PUBLIC') continue;
    const role = roletype === 'ROLESPEC_PUBLIC' ? '' : identifier(rolename).text;
    const own = grants.find((grant) => grant.startsWith(`${role}=`));
    const had = /=([a-zA-Z*]*)\//.exec(own ?? '')?.[1] ?? '';
    const kept = [...had.matchAll(/[a-zA-Z]\*?/g)].map(([one]) => one).filter((one) => !given.includes(one.charAt(0)));
    const added = is_grant === true ? given.map((one) => (grant_option === true ? `${one}*` : one)) : [];
    const all = [...kept, ...added].join('');
    const rest = grants.filter((grant) => grant !== own);
    grants = (all === '' ? rest : [...rest, `${role}=${all}/${grantor}`]).toSorted();
  }
  return grants;
}
