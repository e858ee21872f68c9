/**
 * A view under a table's old name (row 13), so that an application that knows the table by that name goes on reading and
 * writing it while another one uses the new name. It names each column, so that it does not change when the table does; it
 * is updatable as it stands, and defaults of the table apply, because the view has none of its own.
 *
 * It reads the table with the rights of the table's owner, and its users have the rights on it that they have on the
 * table, column by column. A table with row level security needs a view that asks for its user's own rights
 * (security_invoker, since Postgres 15): such a view demands them for all columns at once, whichever the query names
 * (trap 37), so a role that has rights on some columns only is refused.
 */
import type { Catalog, QualifiedName, Table } from '../../catalog/model.ts';
import { availableSince, has } from '../../postgres/version.ts';
import { identifier, join, literal, qualified, raw, sql } from '../../sql/template.ts';
import { columnGrants } from './column-grants.ts';

export type OldNameView = {
  readonly catalog: Catalog;
  readonly migration: string;
  /** As it was under the old name. */
  readonly table: Table;
  readonly to: QualifiedName;
};

export type ViewStatements = {
  readonly create: readonly string[];
  readonly drop: string;
  readonly notes: readonly string[];
};

/** Why such a view would not mean the same as the table, and from which version on it would; null when it does. */
export function whyNoView(catalog: Catalog, table: Table): string | null {
  if (!table.rowSecurity.enabled) return null;
  if (!has(catalog.version, 'securityInvokerViews')) {
    return `has row level security, which a view under its old name would pass by before Postgres ${availableSince('securityInvokerViews')}`;
  }
  const column = table.columns.find((candidate) => candidate.grants.length > 0);
  return column === undefined
    ? null
    : `has row level security and privileges on single columns (${column.name}), which a view under its old name cannot have both`;
}

export function oldNameView({ catalog, migration, table, to }: OldNameView): ViewStatements {
  const view = qualified(table);
  const invoker = raw(table.rowSecurity.enabled ? ' WITH (security_invoker = true)' : '');
  const columns = join(table.columns.map((column) => identifier(column.name)));
  return {
    create: [
      sql`CREATE VIEW ${view}${invoker} AS SELECT ${columns} FROM ${qualified(to)}`.text,
      sql`COMMENT ON VIEW ${view} IS ${literal(`Old name of ${to.name}, kept by migration ${migration} until its contract.`)}`
        .text,
      ...(table.owner === null ? [] : [sql`ALTER VIEW ${view} OWNER TO ${identifier(table.owner)}`.text]),
      ...grants(table),
      ...table.columns.flatMap((column) => columnGrants(table, column.grants, column.name)),
    ],
    drop: sql`DROP VIEW IF EXISTS ${view}`.text,
    notes: notes(catalog, table),
  };
}

/** What a view can have of a table's privileges (https://www.postgresql.org/docs/current/ddl-priv.html). */
const privileges: Readonly<Record<string, string>> = { r: 'SELECT', a: 'INSERT', w: 'UPDATE', d: 'DELETE' };

function grants(table: Table): readonly string[] {
  return table.grants.flatMap((item) => {
    const match = /^(?:"((?:[^"]|"")*)"|([^=]*))=([a-zA-Z*]*)\//.exec(item);
    if (match === null) return [];
    const [, quoted, plain = '', letters = ''] = match;
    const role = quoted === undefined ? plain : quoted.replaceAll('""', '"');
    if (role === table.owner) return []; // has all of them on the view as well
    const grantee = role === '' ? raw('PUBLIC') : identifier(role);
    return [false, true].flatMap((grantable) => {
      const list = [...letters.matchAll(/([a-zA-Z])(\*?)/g)].flatMap(([, letter = '', option = '']) =>
        privileges[letter] === undefined || (option === '*') !== grantable ? [] : [raw(privileges[letter])],
      );
      if (list.length === 0) return [];
      return [
        sql`GRANT ${join(list)} ON ${qualified(table)} TO ${grantee}${raw(grantable ? ' WITH GRANT OPTION' : '')}`.text,
      ];
    });
  });
}

/** Tried on 14–18 (trap 36). */
function notes(catalog: Catalog, table: Table): readonly string[] {
  const merge = has(catalog.version, 'mergeIntoView') ? '' : ', MERGE';
  const published = [...catalog.publications.values()].filter(
    ({ tables }) => tables?.some(({ schema, name }) => schema === table.schema && name === table.name) === true,
  );
  return [
    `Until contract ${table.name} is a view: COPY, TRUNCATE${merge}, ON CONFLICT ON CONSTRAINT, ctid, xmin and pg_get_serial_sequence do not work under that name.`,
    ...published.map(
      ({ name }) =>
        `Publication ${name} sends the rows under the new name from now on: rename the table on its subscribers first.`,
    ),
  ];
}
