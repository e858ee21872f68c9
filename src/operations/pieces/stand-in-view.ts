/**
 * A view in the place of a table (rows 12 and 13), so that an application that knows the table by that name goes on
 * reading and writing it while it is called otherwise. It names each column, so that it does not change when the table
 * does; it is updatable as it stands, and defaults of the table apply, because the view has none of its own.
 *
 * A column may be in it twice, under two names: whichever a statement writes, also in ON CONFLICT, goes to the one column
 * there is, and a statement that writes both is refused by the server (reproduced on 14–18).
 *
 * It reads the table with the rights of the table's owner, and its users have the rights on it that they have on the
 * table, column by column. A table with row level security needs a view that asks for its user's own rights
 * (security_invoker, since Postgres 15): such a view demands them for all columns at once, whichever the query names
 * (TRAPS 37, reproduced), so a role that has rights on some columns only is refused.
 */
import type { Catalog, QualifiedName, Table } from '../../catalog/model.ts';
import { availableSince, has } from '../../postgres/version.ts';
import { identifier, join, literal, qualified, raw, sql } from '../../sql/template.ts';
import { columnGrants } from './column-grants.ts';

export type StandInView = {
  readonly catalog: Catalog;
  /** As it was under the name that the view gets. */
  readonly table: Table;
  /** What it is called now. */
  readonly now: QualifiedName;
  /** Further names of its columns. */
  readonly aliases: readonly { readonly column: string; readonly as: string }[];
  readonly comment: string;
};

export type ViewStatements = { readonly create: readonly string[]; readonly drop: string };

/** Why such a view would not mean the same as the table; null when it does. */
export function whyNoView(catalog: Catalog, table: Table): string | null {
  const missing = owned.filter(([letter]) => !ownerMay(table, letter)).map(([, privilege]) => privilege);
  if (missing.length > 0) {
    return `has an owner without the right to ${missing.join(', ')}, with whose rights a view under its name would read and write it`;
  }
  if (!table.rowSecurity.enabled) return null;
  if (!has(catalog.version, 'securityInvokerViews')) {
    return `has row level security, which a view under its name would pass by before Postgres ${availableSince('securityInvokerViews')}`;
  }
  const column = table.columns.find((candidate) => candidate.grants.length > 0);
  return column === undefined
    ? null
    : `has row level security and privileges on single columns (${column.name}), which a view under its name cannot have both`;
}

export function standInView({ catalog, table, now, aliases, comment }: StandInView): ViewStatements {
  const view = qualified(table);
  const invoker = raw(table.rowSecurity.enabled ? ' WITH (security_invoker = true)' : '');
  const columns = join([
    ...table.columns.map(({ name }) => identifier(name)),
    // Last: a statement that relies on the order of the columns finds them where they were.
    ...aliases.map(({ column, as }) => sql`${identifier(column)} AS ${identifier(as)}`),
  ]);
  const grantsOf = (column: string, as: string) =>
    columnGrants(table, table.columns.find(({ name }) => name === column)?.grants ?? [], as);
  return {
    create: [
      sql`CREATE VIEW ${view}${invoker} AS SELECT ${columns} FROM ${qualified(now)}`.text,
      sql`COMMENT ON VIEW ${view} IS ${literal(comment)}`.text,
      ...(table.owner === null ? [] : [sql`ALTER VIEW ${view} OWNER TO ${identifier(table.owner)}`.text]),
      ...withoutDefaults(catalog, table),
      ...grants(table),
      ...table.columns.flatMap(({ name }) => grantsOf(name, name)),
      ...aliases.flatMap(({ column, as }) => grantsOf(column, as)),
    ],
    drop: sql`DROP VIEW IF EXISTS ${view}`.text,
  };
}

/** What a view can have of a table's privileges (https://www.postgresql.org/docs/current/ddl-priv.html). */
const privileges: Readonly<Record<string, string>> = { r: 'SELECT', a: 'INSERT', w: 'UPDATE', d: 'DELETE' };
const owned = Object.entries(privileges);

type Grant = { readonly role: string; readonly letters: string };

/** An aclitem: `role=arwd/grantor`; the empty role is PUBLIC. */
function grantOf(item: string): Grant | null {
  const match = /^(?:"((?:[^"]|"")*)"|([^=]*))=([a-zA-Z*]*)\//.exec(item);
  if (match === null) return null;
  const [, quoted, plain = '', letters = ''] = match;
  return { role: quoted === undefined ? plain : quoted.replaceAll('""', '"'), letters };
}

function grantsOn({ grants: items }: { readonly grants: readonly string[] }): readonly Grant[] {
  return items.flatMap((item) => grantOf(item) ?? []);
}

/** A catalog that was folded from migrations does not know privileges. */
function ownerMay(table: Table, letter: string): boolean {
  if (table.owner === null || table.grants.length === 0) return true;
  return grantsOn(table).some(({ role, letters }) => role === table.owner && letters.includes(letter));
}

/** ALTER DEFAULT PRIVILEGES gives a new view what the table may never have had. */
function withoutDefaults(catalog: Catalog, table: Table): readonly string[] {
  const known = [...catalog.tables.values(), ...catalog.views.values(), ...catalog.sequences.values()].flatMap(
    (relation) =>
      grantsOn(relation).flatMap(({ role }) => (role === relation.owner || role === table.owner ? [] : role)),
  );
  const roles = [...new Set(known)].toSorted();
  if (roles.length === 0) return [];
  return [sql`REVOKE ALL ON ${qualified(table)} FROM ${join(roles.map(grantee))}`.text];
}

function grantee(role: string) {
  return role === '' ? raw('PUBLIC') : identifier(role);
}

function grants(table: Table): readonly string[] {
  return grantsOn(table).flatMap(({ role, letters }) => {
    if (role === table.owner) return []; // has all of them on the view as well
    return [false, true].flatMap((grantable) => {
      const list = [...letters.matchAll(/([a-zA-Z])(\*?)/g)].flatMap(([, letter = '', option = '']) =>
        privileges[letter] === undefined || (option === '*') !== grantable ? [] : [raw(privileges[letter])],
      );
      if (list.length === 0) return [];
      return [
        sql`GRANT ${join(list)} ON ${qualified(table)} TO ${grantee(role)}${raw(grantable ? ' WITH GRANT OPTION' : '')}`
          .text,
      ];
    });
  });
}

/** What an application that uses the table by this name must do without: TRAPS 36, reproduced on 14–18. */
export function viewNotes(catalog: Catalog, table: Table): readonly string[] {
  const merge = has(catalog.version, 'mergeIntoView') ? '' : ', MERGE';
  return [
    `Until contract ${table.name} is a view: COPY, TRUNCATE${merge}, ON CONFLICT ON CONSTRAINT, GROUP BY the key alone, ctid, xmin and pg_get_serial_sequence do not work under that name.`,
    ...(table.kind === 'partitioned'
      ? [`No partition can be created or attached under the name ${table.name} until then.`]
      : []),
  ];
}
