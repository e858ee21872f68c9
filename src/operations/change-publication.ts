/**
 * CREATE, ALTER and DROP PUBLICATION. Tables named in one are locked with SHARE UPDATE EXCLUSIVE for a moment (measured:
 * create_publication, publication_*). What is published no longer is missed by subscribers, so that waits for contract.
 */
import type { PublicationObjSpec } from '@pgsql/types';
import { dropObject, putObject } from '../catalog/edit.ts';
import { resolveName, resolveTable, sameName } from '../catalog/lookup.ts';
import type { Catalog, Publication, PublishedTable } from '../catalog/model.ts';
import { emitExpression } from '../sql/emit.ts';
import { identifier, sql } from '../sql/template.ts';
import type { ChangePublication } from './change.ts';
import { relationName, stringValues } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn } from './pieces/locks.ts';
import { cannotUndo, nothingToUndo, transactional, undoBy, type Undo } from './step-draft.ts';
import { touchRelation } from './touch.ts';
import type { StatementPart } from './decode/statement-parts.ts';

const actions: Readonly<Record<string, ChangePublication['action']>> = {
  AP_AddObjects: 'add',
  AP_DropObjects: 'remove',
  AP_SetObjects: 'set',
};

/** With 'create' nothing is taken from anybody, with 'add' neither. */
const widening: ReadonlySet<ChangePublication['action']> = new Set(['create', 'add']);

export const changePublication: Operation<ChangePublication> = {
  kind: 'change_publication',

  decode: (part) => {
    const decoded = decodePublication(part);
    return decoded === null ? null : [{ kind: 'change_publication', sql: part.sql, ...decoded }];
  },

  apply(catalog, change) {
    if (change.action === 'drop')
      return change.names.reduce((before, name) => dropObject(before, 'publications', name), catalog);
    const [name = ''] = change.names;
    const before = catalog.publications.get(name);
    if (change.action === 'create' ? before !== undefined : before === undefined) return catalog;
    return putObject(catalog, 'publications', name, after(catalog, before ?? blankPublication(name), change));
  },

  touches: (change, catalog) => ({
    reads: [],
    writes: [
      ...change.names.map((name) => `publication ${name}`),
      ...(change.tables ?? []).map(({ table }) => touchRelation(catalog, table)),
    ],
  }),

  effects(change, catalog) {
    const named = (change.tables ?? []).flatMap(({ table }) => resolveTable(catalog, table) ?? []);
    const before = catalog.publications.get(change.names[0] ?? '')?.tables ?? [];
    const gone =
      change.action !== 'set' || change.tables === null
        ? []
        : before.flatMap((published) => resolveTable(catalog, published) ?? []);
    return { ...noEffects, locks: [...named, ...gone].flatMap((table) => lockOn(table, 'SHARE UPDATE EXCLUSIVE')) };
  },

  plan: (change, { catalog }) => [
    directStep(
      widening.has(change.action) ? 'expand' : 'contract',
      change.sql,
      changePublication.undo(change, catalog),
      widening.has(change.action) ? [] : ['Subscribers may need what is published until contract.'],
    ),
  ],

  undo(change, catalog): Undo {
    const [name = ''] = change.names;
    const before = catalog.publications.get(name);
    switch (change.action) {
      case 'create':
        return before === undefined
          ? undoBy(transactional(sql`DROP PUBLICATION IF EXISTS ${identifier(name)}`.text))
          : nothingToUndo;
      case 'add': {
        const added = (change.tables ?? []).map(({ table }) => resolveName(catalog, table));
        if (before === undefined || added.length === 0) return cannotUndo(`publication ${name} was changed`);
        const names = added.map((table) => sql`${identifier(table.schema)}.${identifier(table.name)}`.text).join(', ');
        return undoBy(transactional(`${sql`ALTER PUBLICATION ${identifier(name)} DROP TABLE`.text} ${names}`));
      }
      default:
        return cannotUndo(
          `publication ${change.names.join(', ')} was ${change.action === 'drop' ? 'dropped' : 'changed'}`,
        );
    }
  },
};

type Decoded = Omit<ChangePublication, 'kind' | 'sql'>;

function decodePublication({ node }: StatementPart): Decoded | null {
  if ('CreatePublicationStmt' in node) {
    const { pubname, pubobjects, for_all_tables } = node.CreatePublicationStmt;
    return {
      names: [pubname ?? ''],
      action: 'create',
      all: for_all_tables === true,
      ...objects(specsIn(pubobjects)),
    };
  }
  if ('AlterPublicationStmt' in node) {
    const { pubname, pubobjects, action, options } = node.AlterPublicationStmt;
    const names = [pubname ?? ''];
    if ((options ?? []).length > 0) return { names, action: 'options', all: false, tables: null, schemas: [] };
    return { names, action: actions[action ?? ''] ?? 'set', all: false, ...objects(specsIn(pubobjects)) };
  }
  if ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_PUBLICATION')
    return { names: stringValues(node.DropStmt.objects), action: 'drop', all: false, tables: null, schemas: [] };
  return null;
}

function specsIn(nodes: readonly object[] | undefined): readonly PublicationObjSpec[] {
  // The grammar puts nothing else into this list.
  return (nodes ?? []).flatMap((node) =>
    'PublicationObjSpec' in node ? [node.PublicationObjSpec as PublicationObjSpec] : [],
  );
}

function objects(specs: readonly PublicationObjSpec[]): Pick<Decoded, 'tables' | 'schemas'> {
  return {
    tables: specs.flatMap(({ pubtable }) =>
      pubtable?.relation === undefined
        ? []
        : [
            {
              table: relationName(pubtable.relation),
              columns: pubtable.columns === undefined ? null : stringValues(pubtable.columns),
              where: pubtable.whereClause === undefined ? null : emitExpression(pubtable.whereClause),
            },
          ],
    ),
    schemas: specs.flatMap(({ pubtable, name }) => (pubtable === undefined && name !== undefined ? [name] : [])),
  };
}

function blankPublication(name: string): Publication {
  return {
    name,
    tables: [],
    schemas: [],
    publishes: ['insert', 'update', 'delete', 'truncate'],
    viaPartitionRoot: false,
    owner: null,
    comment: null,
  };
}

function after(catalog: Catalog, before: Publication, change: ChangePublication): Publication {
  const named: readonly PublishedTable[] = (change.tables ?? []).map(({ table, columns, where }) => ({
    ...resolveName(catalog, table),
    columns: columns?.toSorted() ?? null,
    where,
  }));
  const others = (before.tables ?? []).filter((table) => !named.some((each) => sameName(each, table)));
  const otherSchemas = before.schemas.filter((schema) => !change.schemas.includes(schema));
  switch (change.action) {
    case 'create':
      return { ...before, tables: change.all ? null : named, schemas: change.schemas };
    case 'add':
      return { ...before, tables: [...others, ...named], schemas: [...otherSchemas, ...change.schemas] };
    case 'remove':
      return { ...before, tables: others, schemas: otherSchemas };
    case 'set':
      return { ...before, tables: named, schemas: change.schemas };
    case 'options':
    case 'drop':
      return before;
  }
}
