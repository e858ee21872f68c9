/**
 * ALTER COLUMN … TYPE (rows 9, 10 and 11).
 *
 * A change that keeps the bytes (varchar(20) to varchar(50) or text, a larger numeric of the same scale) runs as written:
 * the lock is short. A CHECK over the column would be read through the whole table under that lock; so it comes back NOT
 * VALID in the same transaction and is validated after it.
 *
 * Any other change writes the table or its indexes anew while every read and write waits. It goes through a shadow
 * column (pieces/shadow-column.ts). Until contract both application versions see the old type, and after it both see the
 * new one: their statements must be valid for both, and the plan says so.
 *
 * Foreign keys that point to the column (row 11, integer to bigint on a primary key) are made anew towards the shadow.
 * The columns that refer to it keep their type, as with the plain statement.
 */
import { updateColumn, updateSequence } from '../catalog/edit.ts';
import { expressionUses } from '../catalog/expression-columns.ts';
import { columnOf, foreignKeysTo, resolveTable, sameName, tableNamed } from '../catalog/lookup.ts';
import type { Catalog, Column, Constraint, Table } from '../catalog/model.ts';
import { typeInCatalog } from '../catalog/type-name.ts';
import { emitExpression } from '../sql/emit.ts';
import { typeText } from '../sql/type-name.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import type { AlterColumnType } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { stringValues } from './decode/names.ts';
import { derivedName } from './derived-name.ts';
import { noEffects } from './effects.ts';
import type { Companion, Operation, PlanContext, PlanDirectives } from './operation.ts';
import { addNotValid, restoreComment, validate } from './pieces/constraint-statement.ts';
import { touchParts } from './pieces/column-parts.ts';
import { directStep } from './pieces/direct.ts';
import { convertedCheckGates } from './pieces/converted-check-gates.ts';
import { baseType } from './pieces/domain-base.ts';
import { lockOn } from './pieces/locks.ts';
import { conversionGate, shadowSteps, type Shadow } from './pieces/shadow-column.ts';
import { familyOf, withKeyTriggers, withPartitions, withRows } from './pieces/table-family.ts';
import { byTable } from './pieces/shadow-part.ts';
import { whyNotChanged, whyNotMoved } from './pieces/type-change-limits.ts';
import { conversionOf, isInteger, isNarrower, wayBackKeepsValues, type Conversion } from './pieces/type-conversion.ts';
import { unvalidatedGates } from './pieces/unvalidated-gates.ts';
import { cannotUndo, nothingToUndo, transactional, undoBy, type StepDraft } from './step-draft.ts';
import { touchColumn, touchIndexing, touchRelation, touchRows, touchType } from './touch.ts';

export const alterColumnType: Operation<AlterColumnType> = {
  kind: 'alter_column_type',

  decode(part) {
    const alter = tableCommand(part, 'AT_AlterColumnType');
    const def = alter?.command.def;
    if (alter === null || def === undefined || !('ColumnDef' in def)) return null;
    const { typeName, collClause, raw_default } = def.ColumnDef;
    return [
      {
        kind: 'alter_column_type',
        sql: part.sql,
        table: alter.table,
        ifTableExists: alter.ifTableExists,
        column: alter.command.name ?? '',
        type: typeName === undefined ? '' : typeText(typeName),
        collation:
          collClause === undefined
            ? null
            : stringValues(collClause.collname)
                .map((name) => identifier(name).text)
                .join('.'),
        using: raw_default === undefined ? null : emitExpression(raw_default),
      },
    ];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    const column = table === null ? null : columnOf(table, change.column);
    if (table === null || column === null) return catalog;
    const { collation } = change;
    const type = typeInCatalog(catalog, change.type);
    const edited = familyOf(catalog, table).reduce(
      (current, member) =>
        // Storage and compression go back to those of the type (ATExecAlterColumnType).
        updateColumn(current, member, change.column, (before) => ({
          ...before,
          type,
          collation,
          storage: null,
          compression: null,
        })),
      catalog,
    );
    if (column.identity === null || !(type === 'smallint' || type === 'integer' || type === 'bigint')) return edited;
    return updateSequence(edited, column.identity.sequence, (sequence) => ({ ...sequence, type }));
  },

  touches(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const before = table === null ? null : columnOf(table, change.column);
    return {
      // Until the swap the column has its old type: that one must not be renamed or dropped before.
      reads: [
        touchRows(catalog, change.table),
        // A foreign key made anew needs the table on its other side under its name.
        ...(table === null ? [] : linkedTables(change, table, catalog).map((other) => touchRelation(catalog, other))),
        touchType(catalog, change.type),
        ...(before === null ? [] : [touchType(catalog, before.type)]),
        // As written it keeps the bytes of the rows; of an index that is still there it may not.
        ...(table === null || before === null || isMoved(conversionOf(change, table, before, catalog))
          ? []
          : familyOf(catalog, table).map((member) => touchIndexing(catalog, member, change.column))),
      ],
      writes: [
        touchColumn(catalog, change.table, change.column),
        ...(table === null ? [] : touchParts(catalog, table, change.column)),
      ],
    };
  },

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const column = table === null ? null : columnOf(table, change.column);
    if (table === null || column === null) return noEffects;
    const { rewrite, indexRebuild, checkScan } = conversionOf(change, table, column, catalog);
    const family = familyOf(catalog, table);
    const stored = withRows(family);
    const linked = linkedTables(change, table, catalog).flatMap((other) => withPartitions(catalog, other));
    const untriggered = targetsOf(change, table, catalog).filter(
      (target) => !withKeyTriggers(catalog, target).includes(target),
    );
    return {
      ...noEffects,
      locks: [...family, ...linked].flatMap((member) =>
        // The old key goes where its triggers are; the new one is made with a weaker lock.
        lockOn(member, untriggered.includes(member) ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE'),
      ),
      rewrites: rewrite ? stored : [],
      // The foreign keys are checked anew when the values are, which reads both tables.
      scans: rewrite ? withRows(linked) : checkScan ? stored : [],
      indexBuilds: indexRebuild ? stored.filter((member) => member.indexes.length > 0) : [],
    };
  },

  plan(change, context) {
    const { catalog, directives, companions } = context;
    const table = resolveTable(catalog, change.table);
    const column = table === null ? null : columnOf(table, change.column);
    if (table === null || column === null || table.kind === 'foreign') {
      return [directStep('contract', change.sql, nothingToUndo)];
    }
    const refusal = whyNotChanged(change, table, column, catalog);
    if (refusal !== null) throw refusal;
    const conversion = conversionOf(change, table, column, catalog);
    if (!isMoved(conversion)) return directSteps(change, table, conversion, context);
    const obstacle = whyNotMoved(change, table, column, catalog);
    if (obstacle !== null) throw obstacle;
    return throughShadows([{ change, directives }, ...companions.flatMap(ownKind)], context);
  },

  /**
   * Columns of one table, and both sides of a foreign key, all through shadows: what runs as written takes nobody along.
   * What must be refused is refused at its own place.
   */
  joins(change, later, { catalog, companions }) {
    if (!canMove(change, catalog)) return false;
    const before = companions.flatMap(ownKind);
    return ownKind(later).some(
      ({ change: other }) =>
        isTied(change, other, catalog) &&
        canMove(other, catalog) &&
        // A column that has a shadow already gets its next type when that one is in its place.
        !before.some((each) => isSameColumn(each.change, other, catalog)),
    );
  },

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const column = table === null ? null : columnOf(table, change.column);
    if (table === null || column === null) return nothingToUndo;
    // A domain is checked on the way back, and refuses what it does not allow.
    const keeps = wayBackKeepsValues(baseType(catalog, column.type), baseType(catalog, change.type));
    const computes = change.using !== null && conversionOf(change, table, column, catalog).rewrite;
    if (computes || !keeps) {
      return cannotUndo(
        `a ${change.type} in ${table.name}.${change.column} may have no exact counterpart in ${column.type}`,
      );
    }
    return undoBy(transactional(backStatement(change, table, column)));
  },
};

function backStatement(change: AlterColumnType, table: Table, column: Column): string {
  const collate = column.collation === null ? raw('') : sql` COLLATE ${raw(column.collation)}`;
  return sql`ALTER TABLE ${qualified(table)} ALTER COLUMN ${identifier(change.column)} TYPE ${raw(column.type)}${collate}`
    .text;
}

/** Tables whose foreign keys point to the column, or to which the column points: their keys are made anew. */
function linkedTables(change: AlterColumnType, table: Table, catalog: Catalog): readonly Table[] {
  const owners = foreignKeysTo(catalog, table)
    .filter(({ constraint }) => constraint.references?.columns.includes(change.column) === true)
    .map((key) => key.table);
  const linked = [...owners, ...targetsOf(change, table, catalog)].filter((other) => !sameName(other, table));
  return linked.filter((other, at) => linked.findIndex((one) => sameName(one, other)) === at);
}

function targetsOf(change: AlterColumnType, table: Table, catalog: Catalog): readonly Table[] {
  return table.constraints.flatMap(({ references, columns }) =>
    references !== null && columns.includes(change.column) ? (tableNamed(catalog, references.table) ?? []) : [],
  );
}

/** The statement as written; with the checks over the column taken out of its way. */
function directSteps(
  change: AlterColumnType,
  table: Table,
  conversion: Conversion,
  { catalog }: PlanContext,
): readonly StepDraft[] {
  const undo = alterColumnType.undo(change, catalog);
  const notes = [
    `Nothing is written anew, so the lock on ${table.name} is short.`,
    ...linkedTables(change, table, catalog).map(
      (other) => `${other.name} is locked for that moment, too: a foreign key ties the two columns.`,
    ),
  ];
  if (!conversion.checkScan) return [directStep('expand', change.sql, undo, notes)];
  const on = sql`ALTER TABLE ${qualified(table)}`;
  const checks = table.constraints.filter((constraint) => isCheckOver(constraint, change, table));
  const drop = checks.map((check) => sql`${on} DROP CONSTRAINT ${identifier(check.name)}`.text);
  const add = checks.flatMap((check) => [
    addNotValid(on, check.name, check.definition),
    ...restoreComment(table, check),
  ]);
  const validated = checks.filter((check) => check.validated).map((check) => validate(on, check.name));
  const back = undo.kind === 'actions' ? undo.actions.flatMap((one) => (one.kind === 'sql' ? one.statements : [])) : [];
  return [
    {
      ...directStep('expand', change.sql, undo, notes),
      run: transactional(...drop, change.sql, ...add),
      undo:
        undo.kind === 'actions'
          ? undoBy(transactional(...drop, ...back, ...add), ...validated.map((one) => transactional(one)))
          : undo,
    },
    ...validated.map((statement): StepDraft => directStep('expand', statement, nothingToUndo)),
  ];
}

function isCheckOver({ kind, enforced, expression }: Constraint, change: AlterColumnType, table: Table): boolean {
  return kind === 'check' && enforced && expressionUses(expression, change.column, table.name);
}

type TypeChange = { readonly change: AlterColumnType; readonly directives: PlanDirectives };

function ownKind({ change, directives }: Companion): readonly TypeChange[] {
  return change.kind === 'alter_column_type' ? [{ change, directives }] : [];
}

/** Whether a shadow takes the column's place. */
function isMoved({ rewrite, indexRebuild }: Conversion): boolean {
  return rewrite || indexRebuild;
}

function canMove(change: AlterColumnType, catalog: Catalog): boolean {
  const table = resolveTable(catalog, change.table);
  const column = table === null ? null : columnOf(table, change.column);
  if (table === null || column === null || table.kind === 'foreign') return false;
  return (
    isMoved(conversionOf(change, table, column, catalog)) &&
    whyNotChanged(change, table, column, catalog) === null &&
    whyNotMoved(change, table, column, catalog) === null
  );
}

function isSameColumn(change: AlterColumnType, other: AlterColumnType, catalog: Catalog): boolean {
  const [one, two] = [resolveTable(catalog, change.table), resolveTable(catalog, other.table)];
  return one !== null && two !== null && sameName(one, two) && change.column === other.column;
}

function isTied(change: AlterColumnType, other: AlterColumnType, catalog: Catalog): boolean {
  const [one, two] = [resolveTable(catalog, change.table), resolveTable(catalog, other.table)];
  if (one === null || two === null) return false;
  if (sameName(one, two)) return change.column !== other.column;
  return refersTo(one, change.column, two, other.column) || refersTo(two, other.column, one, change.column);
}

function refersTo(owner: Table, column: string, target: Table, targetColumn: string): boolean {
  return owner.constraints.some(
    ({ references, columns }) =>
      references !== null &&
      sameName(references.table, target) &&
      columns.some((name, at) => name === column && references.columns[at] === targetColumn),
  );
}

function throughShadows(changes: readonly TypeChange[], context: PlanContext): readonly StepDraft[] {
  const { catalog, migration } = context;
  const moves = changes.flatMap(({ change, directives }): readonly Shadow[] => {
    const table = resolveTable(catalog, change.table);
    const column = table === null ? null : columnOf(table, change.column);
    if (table === null || column === null) return [];
    const { type, collation } = change;
    return [
      {
        catalog,
        migration,
        table,
        column,
        shadow: derivedName('shadow', migration, table, change.column),
        type,
        collation,
        conversion: conversionOf(change, table, column, catalog),
        batch: directives.batch,
        notes: notesFor(change, table, catalog, changes),
      },
    ];
  });
  return [
    ...byTable(moves).flatMap(([first]) => (first === undefined ? [] : unvalidatedGates(first.table))),
    ...moves.flatMap((move) => conversionGate(move) ?? []),
    ...byTable(moves).flatMap((ofTable) => convertedCheckGates(moves.filter((move) => ofTable.includes(move)))),
    ...shadowSteps(moves),
  ];
}

function notesFor(
  change: AlterColumnType,
  table: Table,
  catalog: Catalog,
  changes: readonly TypeChange[],
): readonly string[] {
  if (!isInteger(change.type)) return [];
  const sequences = [...catalog.sequences.values()].filter(
    ({ identity, ownedBy, type }) =>
      !identity &&
      ownedBy !== null &&
      sameName(ownedBy.table, table) &&
      ownedBy.column === change.column &&
      type !== change.type,
  );
  return [
    ...sequences.map(
      ({ name, type }) => `The sequence ${name} stays ${type}: ALTER SEQUENCE ${name} AS ${change.type} lets it go on.`,
    ),
    ...leftBehind(change, table, catalog, changes).map(
      ({ owner, column, type }) =>
        `${owner.name}.${column} refers to it and stays ${type}. To change both in one go, write below the statement, in the same migration: ALTER TABLE ${owner.name} ALTER COLUMN ${column} TYPE ${change.type};`,
    ),
  ];
}

/** Columns that refer to this one and cannot hold all that it will. */
function leftBehind(change: AlterColumnType, table: Table, catalog: Catalog, changes: readonly TypeChange[]) {
  return foreignKeysTo(catalog, table).flatMap(({ table: owner, constraint }) =>
    constraint.columns.flatMap((name, at) => {
      const type = owner.columns.find((column) => column.name === name)?.type ?? '';
      const follows = changes.some(
        ({ change: other }) => other.column === name && sameName(resolveTable(catalog, other.table) ?? owner, owner),
      );
      const refers = constraint.references?.columns[at] === change.column;
      return refers && !follows && isNarrower(type, change.type) ? [{ owner, column: name, type }] : [];
    }),
  );
}
