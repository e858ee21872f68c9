/**
 * RENAME of anything but a column, and SET SCHEMA (rows 13 and 14).
 *
 * A table is renamed in expand, and in the same transaction a view takes its place under the old name, so that both
 * names work; contract drops the view (pieces/rename-table-steps.ts).
 *
 * Everything else in contract, as written: the old application may use the old name in its queries (a type, a function),
 * in ON CONFLICT ON CONSTRAINT (a constraint) or in what it matches of error messages. Only an index behind no constraint
 * is never named in a query: renaming it takes no lock on its table (measured: rename_index), so it goes in expand.
 */
import { updateTable } from '../catalog/edit.ts';
import {
  constraintOf,
  resolveName,
  resolveRelation,
  resolveTable,
  resolveType,
  resolveView,
} from '../catalog/lookup.ts';
import { objectKey } from '../catalog/model.ts';
import { renameConstraint, renameSequence, renameTable, renameTrigger, renameView } from '../catalog/rename.ts';
import type { Catalog, QualifiedName, Table } from '../catalog/model.ts';
import { has } from '../postgres/version.ts';
import { parseStatements, type StatementNode } from '../sql/parse.ts';
import type { RenameObject } from './change.ts';
import { renaming, reverseRenaming, type Renaming } from './decode/renaming.ts';
import { noEffects, type LockClaim } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn } from './pieces/locks.ts';
import { renameTableSteps } from './pieces/rename-table-steps.ts';
import { withRenamedFunction, withRenamedIndex, withRenamedSchema, withRenamedType } from './pieces/renamed-object.ts';
import { familyOf } from './pieces/table-family.ts';
import { nothingToUndo, transactional, undoBy } from './step-draft.ts';
import { touchColumn, touchConstraint, touchRelation, touchSchema } from './touch.ts';

export const renameObject: Operation<RenameObject> = {
  kind: 'rename_object',

  decode(part) {
    const found = renaming(part.node);
    if (found === null) return null;
    const { objectType, name, from, to } = found;
    return [{ kind: 'rename_object', sql: part.sql, objectType, name, from, to }];
  },

  apply(catalog, change) {
    const { found } = written(change);
    if (found === null) return catalog;
    switch (found.objectType) {
      case 'table':
      case 'index':
      case 'view':
      case 'sequence':
        return withRelation(catalog, found);
      case 'constraint':
        return withConstraint(catalog, found);
      case 'trigger': {
        const on = resolveRelation(catalog, found.name);
        if (on?.kind === 'view') return renameTrigger(catalog, on.view, found.from, found.to);
        const tables = on?.kind === 'table' ? withTriggerClones(catalog, on.table) : [];
        return tables.reduce((before, table) => renameTrigger(before, table, found.from, found.to), catalog);
      }
      case 'type':
        return withType(catalog, found);
      case 'enum value':
        return withLabel(catalog, found);
      case 'schema':
        return catalog.schemas.has(found.from) ? withRenamedSchema(catalog, found.from, found.to) : catalog;
      case 'function': {
        const from = resolveName(catalog, found.name);
        return withRenamedFunction(catalog, from, found.argumentTypes, target(from, found));
      }
      case 'other':
        if (found.what === 'policy')
          return inTable(catalog, found, (table) => ({ ...table, policies: renamedIn(table.policies, found) }));
        if (found.what === 'rule')
          return inTable(catalog, found, (table) => ({ ...table, rules: renamedIn(table.rules, found) }));
        return catalog;
    }
  },

  touches(change, catalog) {
    const { found } = written(change);
    if (found === null) return { reads: [], writes: [] };
    const own = resolveName(catalog, found.name);
    switch (found.objectType) {
      case 'schema':
        return { reads: [], writes: [touchSchema(found.from), touchSchema(found.to)] };
      case 'constraint':
        return {
          reads: [],
          writes: [
            touchConstraint(catalog, found.name, found.from),
            touchConstraint(catalog, found.name, found.to),
            // A key's index is renamed with it.
            touchRelation(catalog, { schema: own.schema, name: found.from }),
            touchRelation(catalog, { schema: own.schema, name: found.to }),
          ],
        };
      case 'trigger':
      case 'enum value':
        return { reads: [], writes: [touchRelation(catalog, found.name)] };
      case 'table':
      case 'index':
      case 'view':
      case 'sequence':
      case 'type':
      case 'function':
      case 'other': {
        const writes = [touchRelation(catalog, found.name), touchRelation(catalog, target(own, found))];
        const table = found.objectType === 'table' ? resolveTable(catalog, found.name) : null;
        if (table === null) return { reads: [], writes };
        // The table is itself again at once, under its new name; the view under the old one needs its columns as they are.
        const columns = table.columns.map(({ name }) => touchColumn(catalog, target(table, found), name));
        return { reads: [], writes, lasting: { reads: columns, writes: [touchRelation(catalog, found.name)] } };
      }
    }
  },

  effects(change, catalog) {
    const { found } = written(change);
    const table = found === null ? null : resolveTable(catalog, found.name);
    if (found === null) return noEffects;
    if (table === null) return { ...noEffects, locks: lockOnMaterializedView(catalog, found) };
    switch (found.objectType) {
      case 'table':
        return { ...noEffects, locks: lockOn(table, 'ACCESS EXCLUSIVE') };
      case 'trigger':
        return {
          ...noEffects,
          locks: withTriggerClones(catalog, table).flatMap((each) => lockOn(each, 'ACCESS EXCLUSIVE')),
        };
      case 'constraint':
        return {
          ...noEffects,
          locks: renamedWith(catalog, table, found.from).flatMap((each) => lockOn(each, 'ACCESS EXCLUSIVE')),
        };
      case 'other':
        return found.what === 'policy' || found.what === 'rule'
          ? { ...noEffects, locks: lockOn(table, 'ACCESS EXCLUSIVE') }
          : noEffects;
      case 'index':
      case 'view':
      case 'sequence':
      case 'type':
      case 'enum value':
      case 'schema':
      case 'function':
        return noEffects;
    }
  },

  plan(change, context) {
    const { catalog, migration, directives, earliest } = context;
    const { found } = written(change);
    const table = found?.objectType === 'table' ? resolveTable(catalog, found.name) : null;
    // In contract nobody uses the old name any more.
    const keepsOldName = directives.phase === null && earliest !== 'contract';
    if (found !== null && table !== null && keepsOldName && table.persistence !== 'temporary') {
      const undo = renameObject.undo(change, catalog);
      return renameTableSteps({ catalog, migration, table, now: target(table, found), statement: change.sql, undo });
    }
    const phase = directives.phase ?? (isPlainIndex(change, catalog) ? 'expand' : 'contract');
    return [directStep(phase, change.sql, renameObject.undo(change, catalog))];
  },

  undo(change, catalog) {
    const { found, node } = written(change);
    if (found === null || node === null) return nothingToUndo;
    if (found.missingOk && resolveRelation(catalog, found.name) === null) return nothingToUndo;
    const statement = reverseRenaming(node, schemaOf(catalog, found));
    return statement === null ? nothingToUndo : undoBy(transactional(statement));
  },
};

/** An index that stands behind no constraint. */
function isPlainIndex(change: RenameObject, catalog: Catalog): boolean {
  const found = resolveRelation(catalog, change.name);
  return change.objectType === 'index' && found?.kind === 'index' && found.index.constraint === null;
}

/** What the statement says beyond the change: SET SCHEMA or RENAME, a function's arguments. */
function written(change: RenameObject): { readonly found: Renaming | null; readonly node: StatementNode | null } {
  const node = parseStatements(change.sql)[0]?.node ?? null;
  return { found: node === null ? null : renaming(node), node };
}

function target(own: QualifiedName, { moves, to }: Renaming): QualifiedName {
  return moves ? { schema: to, name: own.name } : { schema: own.schema, name: to };
}

/** The schema in which the object really is: that of the first match along the search path. */
function schemaOf(catalog: Catalog, { objectType, name }: Renaming): string {
  const found = resolveRelation(catalog, name);
  switch (found?.kind) {
    case 'table':
      return found.table.schema;
    case 'view':
      return found.view.schema;
    case 'sequence':
      return found.sequence.schema;
    case 'index':
      return found.on.schema;
    default:
      return objectType === 'type'
        ? (resolveType(catalog, name)?.schema ?? resolveName(catalog, name).schema)
        : resolveName(catalog, name).schema;
  }
}

/** ALTER TABLE … RENAME also takes views, sequences and indexes. */
function withRelation(catalog: Catalog, found: Renaming): Catalog {
  const relation = resolveRelation(catalog, found.name);
  if (relation === null) return catalog;
  const own = { schema: schemaOf(catalog, found), name: found.name.name };
  const to = target(own, found);
  switch (relation.kind) {
    case 'table':
      return renameTable(catalog, own, to);
    case 'view':
      return renameView(catalog, own, to);
    case 'sequence':
      return renameSequence(catalog, own, to);
    case 'index':
      return withRenamedIndex(catalog, own, to.name);
  }
}

/** The partitions have clones of a partitioned table's trigger, which are renamed with it since Postgres 15. */
function withTriggerClones(catalog: Catalog, table: Table): readonly Table[] {
  const renamed = table.kind === 'partitioned' && has(catalog.version, 'renamesTriggersOfPartitions');
  return renamed ? familyOf(catalog, table) : [table];
}

function lockOnMaterializedView(catalog: Catalog, { objectType, name }: Renaming): readonly LockClaim[] {
  const view = objectType === 'view' || objectType === 'table' ? resolveView(catalog, name) : null;
  return view?.kind === 'materialized'
    ? [{ table: { schema: view.schema, name: view.name }, mode: 'ACCESS EXCLUSIVE' }]
    : [];
}

/** The table, and those below it whose check or NOT NULL is renamed with it (rename_constraint_internal in tablecmds.c). */
function renamedWith(catalog: Catalog, table: Table, name: string): readonly Table[] {
  const constraint = constraintOf(table, name);
  const notNull = table.columns.find((column) => column.notNullConstraint?.name === name)?.notNullConstraint;
  const inherits =
    constraint !== null ? constraint.kind === 'check' && !constraint.noInherit : notNull?.noInherit === false;
  return inherits ? familyOf(catalog, table) : [table];
}

function withConstraint(catalog: Catalog, { name, from, to }: Renaming): Catalog {
  const table = resolveTable(catalog, name);
  if (table === null) return catalog;
  const index = constraintOf(table, from)?.index ?? null;
  if (index !== null) return withRenamedIndex(catalog, { schema: table.schema, name: index }, to);
  return renamedWith(catalog, table, from).reduce((before, each) => renameConstraint(before, each, from, to), catalog);
}

function withType(catalog: Catalog, found: Renaming): Catalog {
  const type = resolveType(catalog, found.name);
  return type === null ? catalog : withRenamedType(catalog, type, target(type, found));
}

function withLabel(catalog: Catalog, { name, from, to }: Renaming): Catalog {
  const type = resolveType(catalog, name);
  if (type === null || type.labels.includes(to)) return catalog;
  const labels = type.labels.map((label) => (label === from ? to : label));
  return { ...catalog, types: new Map(catalog.types).set(objectKey(type), { ...type, labels }) };
}

function inTable(catalog: Catalog, { name }: Renaming, change: (table: Table) => Table): Catalog {
  const table = resolveTable(catalog, name);
  return table === null ? catalog : updateTable(catalog, table, change);
}

function renamedIn<T extends { readonly name: string }>(items: readonly T[], { from, to }: Renaming): readonly T[] {
  return items.map((item) => (item.name === from ? { ...item, name: to } : item));
}
