/**
 * ALTER DOMAIN: its default, NOT NULL and checks.
 *
 * A domain's check concerns every table that has a column of it. NOT VALID it binds new values and locks nothing, but to
 * look at the values that are there Postgres holds SHARE on each such table for as long as that takes: writes wait
 * (measured: alter_domain_add_check, alter_domain_validate, alter_domain_set_not_null). There is no other way to a valid
 * check, so on tables in use it is refused with the statements to choose from.
 */
import { putObject } from '../catalog/edit.ts';
import { resolveType } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type QualifiedName, type Table, type TypeObject } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import { chooseName } from '../postgres/names.ts';
import { emitExpression } from '../sql/emit.ts';
import { qualifiedName } from '../sql/identifier.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import type { AlterDomain } from './change.ts';
import { constraintSpec } from './decode/constraint-spec.ts';
import { dottedName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn } from './pieces/locks.ts';
import { withRows } from './pieces/table-family.ts';
import { cannotUndo, nothingToUndo, transactional, undoBy, type Undo } from './step-draft.ts';
import { touchColumn, touchRelation, touchRows } from './touch.ts';

/** The letters of AlterDomainStmt (src/backend/parser/gram.y). */
const subtypes: Readonly<Record<string, AlterDomain['action']>> = {
  C: 'add constraint',
  V: 'validate',
  X: 'drop constraint',
  T: 'default',
  O: 'set not null',
  N: 'drop not null',
};

/** They wait for the old application to be gone: it may rely on what goes, or break what comes. */
const narrowing: ReadonlySet<AlterDomain['action']> = new Set(['add constraint', 'set not null']);

export const alterDomain: Operation<AlterDomain> = {
  kind: 'alter_domain',

  decode(part) {
    if (!('AlterDomainStmt' in part.node)) return null;
    const { subtype, typeName, name, def } = part.node.AlterDomainStmt;
    const action = subtypes[subtype ?? ''];
    if (action === undefined) return null;
    const node = def !== undefined && 'Constraint' in def ? def.Constraint : undefined;
    const spec = node === undefined ? null : constraintSpec(node, null);
    // ADD CONSTRAINT … NOT NULL (Postgres 17).
    const notNull = action === 'add constraint' && node?.contype === 'CONSTR_NOTNULL';
    return [
      {
        kind: 'alter_domain',
        sql: part.sql,
        domain: dottedName(typeName),
        action: notNull ? 'set not null' : action,
        constraint: name ?? node?.conname ?? null,
        definition: spec?.definition ?? null,
        notValid: node?.skip_validation === true,
        default: action === 'default' && def !== undefined && node === undefined ? emitExpression(def) : null,
      },
    ];
  },

  apply(catalog, change) {
    const domain = resolveType(catalog, change.domain);
    return domain === null ? catalog : putObject(catalog, 'types', objectKey(domain), after(domain, change));
  },

  touches(change, catalog) {
    const domain = resolveType(catalog, change.domain);
    const used = domain === null || !reads(change) ? [] : columnsOf(catalog, domain);
    return {
      reads: used.flatMap(({ table, column }) => [touchRows(catalog, table), touchColumn(catalog, table, column)]),
      writes: [touchRelation(catalog, change.domain)],
    };
  },

  effects(change, catalog) {
    const domain = resolveType(catalog, change.domain);
    if (domain === null || !reads(change)) return noEffects;
    const tables = tablesWith(catalog, domain);
    return { ...noEffects, locks: tables.flatMap((table) => lockOn(table, 'SHARE')), scans: tables };
  },

  plan(change, { catalog, directives, isNew, isSmall }) {
    const domain = resolveType(catalog, change.domain);
    const undo = alterDomain.undo(change, catalog);
    const having = domain === null ? [] : tablesWith(catalog, domain);
    const used = reads(change) ? having.filter((table) => !isNew(table)) : [];
    const large = used.filter((table) => !isSmall(table));
    if (large.length > 0) throw noOnlinePath(change, large);
    // A domain that only new tables have is nobody's yet; by contract they would be full of rows, and in use.
    const isUnused = having.length > 0 && having.every((table) => isNew(table));
    const phase = directives.phase ?? (narrowing.has(change.action) && !isUnused ? 'contract' : 'expand');
    const step = directStep(phase, change.sql, undo, notesOf(change, used));
    return [used.length > 0 ? { ...step, exemption: 'small table' } : step];
  },

  undo(change, catalog): Undo {
    const domain = resolveType(catalog, change.domain);
    if (domain === null) return nothingToUndo;
    const alter = sql`ALTER DOMAIN ${qualified(domain)}`;
    switch (change.action) {
      case 'add constraint': {
        const name = nameOf(domain, change);
        return undoBy(transactional(sql`${alter} DROP CONSTRAINT IF EXISTS ${identifier(name)}`.text));
      }
      case 'validate':
        return nothingToUndo;
      case 'drop constraint': {
        const before = domain.constraints.find(({ name }) => name === change.constraint);
        if (before === undefined) return nothingToUndo;
        // The values that are there satisfied it, and those written since were not held to it.
        const add = sql`${alter} ADD CONSTRAINT ${identifier(before.name)} ${raw(before.definition)} NOT VALID`;
        return before.validated
          ? cannotUndo(`${before.name} of ${domain.name} was valid`)
          : undoBy(transactional(add.text));
      }
      case 'default': {
        const value = domain.default === null ? raw('DROP DEFAULT') : sql`SET DEFAULT ${raw(domain.default)}`;
        return undoBy(transactional(sql`${alter} ${value}`.text));
      }
      case 'set not null':
        return domain.notNull ? nothingToUndo : undoBy(transactional(sql`${alter} DROP NOT NULL`.text));
      case 'drop not null':
        return domain.notNull ? cannotUndo(`${domain.name} was not null`) : nothingToUndo;
    }
  },
};

/** Whether the values that are there are looked at. */
function reads({ action, notValid }: AlterDomain): boolean {
  return action === 'validate' || action === 'set not null' || (action === 'add constraint' && !notValid);
}

function nameOf(domain: TypeObject, { constraint }: AlterDomain): string {
  const taken = (name: string) => domain.constraints.some((each) => each.name === name);
  return constraint ?? chooseName({ table: domain.name, columns: [], label: 'check' }, taken);
}

function after(domain: TypeObject, change: AlterDomain): TypeObject {
  const { constraints } = domain;
  switch (change.action) {
    case 'add constraint': {
      const name = nameOf(domain, change);
      const added = { name, definition: change.definition ?? '', validated: !change.notValid };
      return { ...domain, constraints: [...constraints, added] };
    }
    case 'validate':
      return {
        ...domain,
        constraints: constraints.map((each) => (each.name === change.constraint ? { ...each, validated: true } : each)),
      };
    case 'drop constraint':
      return { ...domain, constraints: constraints.filter(({ name }) => name !== change.constraint) };
    case 'default':
      return { ...domain, default: change.default };
    case 'set not null':
      return { ...domain, notNull: true };
    case 'drop not null':
      return { ...domain, notNull: false };
  }
}

function tablesWith(catalog: Catalog, domain: TypeObject): readonly Table[] {
  const named = new Set(columnsOf(catalog, domain).map(({ table }) => objectKey(table)));
  return withRows([...catalog.tables.values()].filter((table) => named.has(objectKey(table))));
}

/** Columns of the domain, and of domains over it. */
function columnsOf(
  catalog: Catalog,
  domain: QualifiedName,
): readonly { readonly table: Table; readonly column: string }[] {
  const spelled = new Set(spellings(catalog, domain));
  const own = [...catalog.tables.values()].flatMap((table) =>
    table.columns.filter(({ type }) => spelled.has(type)).map(({ name }) => ({ table, column: name })),
  );
  const over = [...catalog.types.values()].filter(({ baseType }) => baseType !== null && spelled.has(baseType));
  return [...own, ...over.flatMap((each) => columnsOf(catalog, each))];
}

/** As format_type prints it: without the schema where that is on the search path. */
function spellings(catalog: Catalog, domain: QualifiedName): readonly string[] {
  const bare = identifier(domain.name).text;
  return catalog.searchPath.includes(domain.schema) ? [bare, qualifiedName(domain)] : [qualifiedName(domain)];
}

function notesOf(change: AlterDomain, used: readonly Table[]): readonly string[] {
  if (used.length > 0) return [`Writes of ${namesOf(used)} wait while the values are looked at; there are few.`];
  return change.action === 'add constraint' ? ['The values that are there are not looked at.'] : [];
}

function namesOf(tables: readonly Table[]): string {
  return tables.map(({ name }) => name).join(', ');
}

/** Row 27. */
function noOnlinePath(change: AlterDomain, tables: readonly Table[]): MigrateError {
  const only =
    change.action === 'add constraint' && change.definition !== null
      ? `To hold only new values to it, which locks nothing:\n  ${change.sql} NOT VALID;\n`
      : '';
  return new MigrateError(
    'CANNOT_PLAN',
    `All values of ${change.domain.name} would be looked at, in ${namesOf(tables)}, and writes of these tables wait until it is done: Postgres has no other way for a domain.`,
    {
      hint: `${only}Where the tables are small enough to be read while writes wait, say so above the statement:\n  -- migrate:raw -- <reason>`,
      details: { domain: change.domain.name, tables: tables.map(qualifiedName).join(', ') },
    },
  );
}
