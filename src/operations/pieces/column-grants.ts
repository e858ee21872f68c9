/**
 * Column privileges as GRANT statements. A table's own privileges cover every column; those of one column do not extend
 * to its copy, and a role that has only them would be refused.
 */
import type { Table } from '../../catalog/model.ts';
import { identifier, join, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';

/** https://www.postgresql.org/docs/current/ddl-priv.html#PRIVILEGE-ABBREVS-TABLE, what a column can have. */
const privileges: Readonly<Record<string, string>> = { r: 'SELECT', a: 'INSERT', w: 'UPDATE', x: 'REFERENCES' };

/** The grants of one column (aclitem spelling, as in the catalog) given to another. */
export function columnGrants(table: Table, grants: readonly string[], column: string): readonly string[] {
  return grants.flatMap((item) => {
    const match = /^(?:"((?:[^"]|"")*)"|([^=]*))=([a-zA-Z*]*)\//.exec(item);
    if (match === null) return [];
    const [, quoted, plain = '', letters = ''] = match;
    const role = quoted === undefined ? plain : quoted.replaceAll('""', '"');
    const grantee = role === '' ? raw('PUBLIC') : identifier(role);
    const given = [...letters.matchAll(/([a-zA-Z])(\*?)/g)].flatMap(([, letter = '', option = '']) => {
      const privilege = privileges[letter];
      return privilege === undefined ? [] : [{ privilege, grantable: option === '*' }];
    });
    return [false, true].flatMap((grantable) => {
      const list = given.filter((one) => one.grantable === grantable).map((one) => one.privilege);
      return list.length === 0 ? [] : [grant(table, list, column, grantee, grantable)];
    });
  });
}

function grant(
  table: Table,
  list: readonly string[],
  column: string,
  grantee: SqlFragment,
  grantable: boolean,
): string {
  const what = join(list.map((privilege) => sql`${raw(privilege)} (${identifier(column)})`));
  return sql`GRANT ${what} ON ${qualified(table)} TO ${grantee}${raw(grantable ? ' WITH GRANT OPTION' : '')}`.text;
}
