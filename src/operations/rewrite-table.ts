/**
 * What writes a table anew as a whole and has no online path (row 27): SET LOGGED and UNLOGGED, SET TABLESPACE, SET ACCESS
 * METHOD, VACUUM FULL, CLUSTER, SET EXPRESSION of a stored column. Reads and writes wait until it is done (measured:
 * set_unlogged, cluster, set_expression). On a table that is in use and not small it is refused, with what to do instead.
 */
import { updateColumn, updateTable } from '../catalog/edit.ts';
import { columnOf, resolveRelation, resolveTable } from '../catalog/lookup.ts';
import type { Catalog, QualifiedName, Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import { emit, emitExpression } from '../sql/emit.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import type { RelationName, RewriteTable } from './change.ts';
import { relationName } from './decode/names.ts';
import type { StatementPart } from './decode/statement-parts.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep, statementTitle } from './pieces/direct.ts';
import { lockOnFamily, lockOnRelation } from './pieces/locks.ts';
import { isFull } from './pieces/vacuum-options.ts';
import { cannotUndo, nothingToUndo, outsideTransaction, transactional, undoBy } from './step-draft.ts';
import { touchRelation } from './touch.ts';

const subtypes: Readonly<Record<string, RewriteTable['what']>> = {
  AT_SetLogged: 'SET LOGGED',
  AT_SetUnLogged: 'SET UNLOGGED',
  AT_SetTableSpace: 'SET TABLESPACE',
  AT_SetAccessMethod: 'SET ACCESS METHOD',
  AT_SetExpression: 'SET EXPRESSION',
};

export const rewriteTable: Operation<RewriteTable> = {
  kind: 'rewrite_table',

  decode: (part) => {
    const whole = eachVacuumed(part);
    const decoded = whole.flatMap(({ sql: text, node }) => {
      const one = decodeRewrite({ sql: text, node });
      return one === null ? [] : [{ kind: 'rewrite_table' as const, sql: text, ...one }];
    });
    return decoded.length === whole.length ? decoded : null;
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return catalog;
    switch (change.what) {
      case 'SET LOGGED':
      case 'SET UNLOGGED': {
        const persistence = change.what === 'SET LOGGED' ? 'permanent' : 'unlogged';
        return updateTable(catalog, table, (each) => ({ ...each, persistence }));
      }
      case 'SET TABLESPACE':
        return updateTable(catalog, table, (each) => ({ ...each, tablespace: change.value }));
      case 'SET ACCESS METHOD':
        return updateTable(catalog, table, (each) => ({ ...each, accessMethod: change.value }));
      case 'SET EXPRESSION':
        return updateColumn(catalog, table, change.column ?? '', (column) => ({
          ...column,
          generated: column.generated === null ? null : { ...column.generated, expression: change.value ?? '' },
        }));
      case 'VACUUM FULL':
      case 'CLUSTER':
        return catalog;
    }
  },

  touches: (change, catalog) => ({ reads: [], writes: [touchRelation(catalog, change.table)] }),

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const rewritten = rewrites(change, catalog);
    const goesDown = table !== null && (change.what === 'SET EXPRESSION' || table.kind === 'partitioned');
    return {
      ...noEffects,
      locks:
        goesDown && change.what !== 'SET ACCESS METHOD'
          ? lockOnFamily(catalog, table, 'ACCESS EXCLUSIVE')
          : lockOnRelation(catalog, change.table, 'ACCESS EXCLUSIVE'),
      rewrites: rewritten === null ? [] : [rewritten],
    };
  },

  plan(change, context) {
    const { catalog, directives, isNew, isSmall } = context;
    const rewritten = rewrites(change, catalog);
    const harmless = rewritten === null || isNew(rewritten);
    if (!harmless && !isSmall(rewritten)) throw noOnlinePath(change, rewritten);
    const phase = directives.phase ?? (change.what === 'SET EXPRESSION' ? 'contract' : 'expand');
    const undo = rewriteTable.undo(change, catalog);
    const note = harmless
      ? []
      : [`Reads and writes of ${change.table.name} wait while it is written anew; it is small.`];
    const step = change.outsideTransaction
      ? { phase, title: statementTitle(change.sql), run: outsideTransaction(change.sql, null), undo, notes: note }
      : directStep(phase, change.sql, undo, note);
    return [harmless ? step : { ...step, exemption: 'small table' as const }];
  },

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null || change.what === 'VACUUM FULL') return nothingToUndo;
    if (change.what !== 'CLUSTER' && rewrites(change, catalog) === null) return nothingToUndo;
    const back = wayBack(change, table);
    return back === null
      ? cannotUndo(`what ${change.what} changed is not known`)
      : undoBy(transactional(sql`ALTER TABLE ${qualified(table)} ${raw(back)}`.text));
  },
};

function wayBack({ what }: RewriteTable, table: Table): string | null {
  switch (what) {
    case 'CLUSTER': {
      // The rows keep their order; which index it was is remembered.
      const index = table.indexes.find(({ clustered }) => clustered);
      return index === undefined ? 'SET WITHOUT CLUSTER' : `CLUSTER ON ${identifier(index.name).text}`;
    }
    case 'SET LOGGED':
    case 'SET UNLOGGED':
      return table.persistence === 'unlogged' ? 'SET UNLOGGED' : 'SET LOGGED';
    case 'SET TABLESPACE':
      return `SET TABLESPACE ${table.tablespace ?? 'pg_default'}`;
    case 'SET ACCESS METHOD':
      return `SET ACCESS METHOD ${table.accessMethod ?? 'heap'}`;
    default:
      return null;
  }
}

/** The relation that is written anew; null where the statement finds it as it should be, or nothing stored. */
function rewrites(change: RewriteTable, catalog: Catalog): QualifiedName | null {
  const found = resolveRelation(catalog, change.table);
  if (found?.kind === 'view')
    return change.what === 'SET TABLESPACE' && sameTablespace(null, change.value)
      ? null
      : { schema: found.view.schema, name: found.view.name };
  const table = found?.kind === 'table' ? found.table : null;
  if (table === null) return null;
  const own = { schema: table.schema, name: table.name };
  switch (change.what) {
    case 'SET LOGGED':
      return table.persistence === 'permanent' ? null : own;
    case 'SET UNLOGGED':
      return table.persistence === 'unlogged' ? null : own;
    case 'SET TABLESPACE':
      return table.kind === 'partitioned' || sameTablespace(table.tablespace, change.value) ? null : own;
    case 'SET ACCESS METHOD':
      return table.kind === 'partitioned' || (table.accessMethod ?? 'heap') === (change.value ?? 'heap') ? null : own;
    case 'SET EXPRESSION':
      return columnOf(table, change.column ?? '')?.generated?.kind === 'virtual' ? null : own;
    case 'VACUUM FULL':
    case 'CLUSTER':
      return own;
  }
}

function sameTablespace(before: string | null, wanted: string | null): boolean {
  return (before ?? 'pg_default') === (wanted ?? 'pg_default');
}

/** VACUUM FULL of several tables goes from one to the next, each in a transaction of its own: so does each of these. */
function eachVacuumed(part: StatementPart): readonly StatementPart[] {
  const { node } = part;
  if (!('VacuumStmt' in node) || !isFull(node.VacuumStmt) || (node.VacuumStmt.rels ?? []).length < 2) return [part];
  const statement = node.VacuumStmt;
  return (statement.rels ?? []).map((rel) => {
    const one = { VacuumStmt: { ...statement, rels: [rel] } };
    return { node: one, sql: emit(one) };
  });
}

function decodeRewrite({ node }: StatementPart): Omit<RewriteTable, 'kind' | 'sql'> | null {
  const plain = { column: null, value: null, outsideTransaction: false };
  if ('VacuumStmt' in node) {
    const [first] = node.VacuumStmt.rels ?? [];
    if (!isFull(node.VacuumStmt) || first === undefined || !('VacuumRelation' in first)) return null;
    const table = relationName(first.VacuumRelation.relation);
    return { ...plain, what: 'VACUUM FULL', table, outsideTransaction: true };
  }
  if ('ClusterStmt' in node) {
    const { relation } = node.ClusterStmt;
    return relation === undefined ? null : { ...plain, what: 'CLUSTER', table: relationName(relation) };
  }
  if (!('AlterTableStmt' in node)) return null;
  const { objtype, relation, cmds } = node.AlterTableStmt;
  if (objtype !== 'OBJECT_TABLE' && objtype !== 'OBJECT_MATVIEW') return null;
  const command = cmds?.[0];
  if (command === undefined || !('AlterTableCmd' in command)) return null;
  const { subtype, name = null, def } = command.AlterTableCmd;
  const what = subtypes[subtype ?? ''];
  if (what === undefined) return null;
  const table = relationName(relation);
  if (what !== 'SET EXPRESSION') return { ...plain, what, table, value: name };
  return { ...plain, what, table, column: name, value: def === undefined ? null : emitExpression(def) };
}

const instead: Readonly<Record<RewriteTable['what'], (name: string) => string>> = {
  'SET LOGGED': (name) => `Make a logged table beside ${name} and move the rows, or do it in a maintenance window.`,
  'SET UNLOGGED': () => 'An unlogged table is emptied after a crash: make a new one for what may be lost.',
  'SET TABLESPACE': (name) =>
    `Move its indexes while everything goes on, which is often what needs the room: REINDEX (TABLESPACE <name>) TABLE CONCURRENTLY ${name}.`,
  'SET ACCESS METHOD': (name) => `Make a table with that access method beside ${name} and move the rows.`,
  'SET EXPRESSION': () =>
    'Add a new column with the new expression under another name, and let the new version use that.',
  'VACUUM FULL': (name) =>
    `VACUUM ${name} gives the room back for new rows without holding anybody up; REINDEX TABLE CONCURRENTLY ${name} makes its indexes small; pg_repack or pg_squeeze write the table anew while it is used.`,
  CLUSTER: (name) => `pg_repack writes ${name} anew in the order of an index while it is used.`,
};

function noOnlinePath(change: RewriteTable, { schema, name }: RelationName & QualifiedName): MigrateError {
  return new MigrateError(
    'CANNOT_PLAN',
    `${change.what} writes ${name} anew as a whole, and all its reads and writes wait until that is done: Postgres has no other way.`,
    {
      hint: `${instead[change.what](name)}\nWhere all may wait for it, say so above the statement: -- migrate:raw -- <reason>`,
      details: { table: name, schema },
    },
  );
}
