/**
 * DROP INDEX (row 17): in contract, because the old application's queries may lean on it, and CONCURRENTLY, because as
 * written it takes ACCESS EXCLUSIVE on the table (measured: drop_index). One step per index: CONCURRENTLY takes one name.
 *
 * An index that stands behind a constraint goes with the constraint; one that is the replica identity would leave a
 * published table without one; one that is attached to a partitioned table's index goes with that: each is refused with
 * the statement to write instead.
 */
import { dropIndex as removeIndex } from '../catalog/edit.ts';
import { foreignKeysTo, resolveName, resolveRelation } from '../catalog/lookup.ts';
import type { Catalog, Index, QualifiedName, Table, View } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import type { LockMode } from '../postgres/lock-mode.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import type { DropIndex, RelationName } from './change.ts';
import { objectName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { rebuildConcurrently, rebuildDirectly } from './pieces/concurrent-index.ts';
import { relationSql } from './pieces/relation-sql.ts';
import { familyOf } from './pieces/table-family.ts';
import {
  nothingToUndo,
  outsideTransaction,
  transactional,
  type Phase,
  type StepDraft,
  type Undo,
} from './step-draft.ts';
import { touchColumn, touchRelation } from './touch.ts';

type Found = { readonly name: QualifiedName; readonly index: Index; readonly on: Table | View };

export const dropIndex: Operation<DropIndex> = {
  kind: 'drop_index',

  decode(part) {
    if (!('DropStmt' in part.node) || part.node.DropStmt.removeType !== 'OBJECT_INDEX') return null;
    const statement = part.node.DropStmt;
    return [
      {
        kind: 'drop_index',
        sql: part.sql,
        indexes: (statement.objects ?? []).map(objectName),
        concurrently: statement.concurrent === true,
        ifExists: statement.missing_ok === true,
        cascade: statement.behavior === 'DROP_CASCADE',
      },
    ];
  },

  apply: (catalog, change) =>
    change.indexes.reduce((before, written) => {
      const found = find(before, written);
      if (found === null) return before;
      const attached = attachedTo(before, found.name);
      return [...attached, found.name].reduce((rest, name) => removeIndex(rest, name), before);
    }, catalog),

  touches: (change, catalog) => ({
    reads: change.indexes.flatMap((written) => {
      const found = find(catalog, written);
      if (found === null) return [];
      return found.index.keys.flatMap((key) =>
        key.column === null ? [] : [touchColumn(catalog, found.on, key.column)],
      );
    }),
    writes: change.indexes.flatMap((written) => {
      const name = find(catalog, written)?.name;
      const all = name === undefined ? [written] : [name, ...attachedTo(catalog, name)];
      return all.map((each) => touchRelation(catalog, each));
    }),
  }),

  effects(change, catalog) {
    const found = change.indexes.flatMap((written) => find(catalog, written) ?? []);
    const mode: LockMode = change.concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
    return {
      ...noEffects,
      locks: found.flatMap(({ on }) => {
        const reached = isTable(on) && on.kind === 'partitioned' ? familyOf(catalog, on) : [on];
        return reached.map(({ schema, name }) => ({ table: { schema, name }, mode }));
      }),
      drops: found.map(({ name }) => `index ${name.name}`),
    };
  },

  plan(change, context) {
    const { catalog, directives } = context;
    const phase = directives.phase ?? 'contract';
    return change.indexes.flatMap((written): readonly StepDraft[] => {
      const found = find(catalog, written);
      if (found !== null) {
        refuse(found, change, catalog);
        return [dropStep(found, catalog, phase)];
      }
      // The catalog is the whole truth unless an opaque statement was folded into it.
      if (change.ifExists && catalog.uncertain.length === 0) return [];
      const statement = sql`DROP INDEX CONCURRENTLY ${raw(change.ifExists ? 'IF EXISTS ' : '')}${relationSql(written)}`
        .text;
      return [
        {
          phase,
          title: `Drop index ${written.name}`,
          run: outsideTransaction(statement, { kind: 'index_absent', index: resolveName(catalog, written) }),
          undo: nothingToUndo,
          notes: [],
        },
      ];
    });
  },

  undo(change, catalog) {
    const actions = change.indexes.flatMap((written) => {
      const found = find(catalog, written);
      return found === null ? [] : rebuildDirectly(found.on, found.index);
    });
    return actions.length === 0 ? nothingToUndo : { kind: 'actions', actions };
  },
};

function dropStep(found: Found, catalog: Catalog, phase: Phase): StepDraft {
  const { name, on } = found;
  const undo: Undo = { kind: 'actions', actions: rebuild(found, catalog) };
  if (isTable(on) && on.kind === 'partitioned') {
    return {
      phase,
      title: `Drop index ${name.name} of ${on.name} and its partitions`,
      run: transactional(sql`DROP INDEX ${qualified(name)}`.text),
      undo,
      notes: [
        `${on.name} is partitioned, and the index of a partitioned table cannot be dropped concurrently: reads and writes of all its partitions wait for the moment that it takes.`,
      ],
    };
  }
  return {
    phase,
    title: `Drop index ${name.name} of ${on.name}`,
    run: outsideTransaction(sql`DROP INDEX CONCURRENTLY ${qualified(name)}`.text, {
      kind: 'index_absent',
      index: name,
    }),
    undo,
    notes: [],
  };
}

function rebuild({ index, on }: Found, catalog: Catalog) {
  const partitioned = isTable(on) && on.kind === 'partitioned' && familyOf(catalog, on).length > 1;
  return partitioned ? rebuildDirectly(on, index) : rebuildConcurrently(on, index);
}

function refuse({ name, index, on }: Found, change: DropIndex, catalog: Catalog): void {
  const details = { index: name.name, schema: name.schema, table: on.name };
  if (index.constraint !== null) {
    throw new MigrateError(
      'CANNOT_PLAN',
      `${name.name} cannot be dropped: it stands behind the constraint ${index.constraint} of ${on.name}.`,
      {
        hint: `Drop the constraint, and the index goes with it:\n  ${sql`ALTER TABLE ${qualified(on)} DROP CONSTRAINT ${identifier(index.constraint)}`.text};`,
        details,
      },
    );
  }
  if (index.partitionOf !== null) {
    throw new MigrateError(
      'CANNOT_PLAN',
      `${name.name} cannot be dropped: it is a part of ${index.partitionOf.name}, the index of the partitioned table.`,
      {
        hint: `Drop the index of the partitioned table:\n  ${sql`DROP INDEX ${qualified(index.partitionOf)}`.text};`,
        details,
      },
    );
  }
  if (index.replicaIdentity) {
    throw new MigrateError(
      'CANNOT_PLAN',
      `${name.name} cannot be dropped: it is the replica identity of ${on.name}, without which updates and deletes of a published table fail.`,
      {
        hint: `Give the table another replica identity first:\n  ${sql`ALTER TABLE ${qualified(on)} REPLICA IDENTITY DEFAULT`.text};`,
        details,
      },
    );
  }
  const leaning = isTable(on) ? leaningKeys(index, on, catalog) : [];
  if (leaning.length > 0) {
    const named = leaning.map((key) => `${key.constraint.name} of ${key.table.name}`).join(', ');
    const one = leaning.length === 1;
    throw new MigrateError(
      'CANNOT_PLAN',
      `${name.name} cannot be dropped: the foreign ${one ? 'key' : 'keys'} ${named} ${one ? 'needs' : 'need'} it.`,
      {
        hint: `Drop ${one ? 'that foreign key' : 'those foreign keys'} first${change.cascade ? ', instead of CASCADE' : ''}, or create another unique index on the same columns above this statement.`,
        details,
      },
    );
  }
}

/** Foreign keys whose referenced columns have no other unique index. */
function leaningKeys(index: Index, table: Table, catalog: Catalog) {
  if (!index.unique || index.predicate !== null) return [];
  const covers = (candidate: Index, columns: readonly string[]): boolean =>
    candidate.unique &&
    candidate.predicate === null &&
    candidate.keys.length === columns.length &&
    candidate.keys.every((key) => key.column !== null && columns.includes(key.column));
  return foreignKeysTo(catalog, table).filter(({ constraint }) => {
    const columns = constraint.references?.columns ?? [];
    return (
      covers(index, columns) && !table.indexes.some((other) => other.name !== index.name && covers(other, columns))
    );
  });
}

/** The indexes of partitions that go with a partitioned table's index. */
function attachedTo(catalog: Catalog, parent: QualifiedName): readonly QualifiedName[] {
  return [...catalog.tables.values()].flatMap((table) =>
    table.indexes.flatMap((index) => {
      if (index.partitionOf?.name !== parent.name || index.partitionOf.schema !== parent.schema) return [];
      const name = { schema: table.schema, name: index.name };
      return [...attachedTo(catalog, name), name];
    }),
  );
}

function find(catalog: Catalog, written: RelationName): Found | null {
  const found = resolveRelation(catalog, written);
  if (found?.kind !== 'index') return null;
  return { name: { schema: found.on.schema, name: found.index.name }, index: found.index, on: found.on };
}

function isTable(on: Table | View): on is Table {
  return 'constraints' in on;
}
