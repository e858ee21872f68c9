/**
 * ALTER TABLE … ATTACH PARTITION (row 29).
 *
 * As written, the table is read from end to end under ACCESS EXCLUSIVE, whatever indexes and keys the parent has are made
 * on it meanwhile, and a default partition is searched for rows that belong into it (measured: attach_partition.*). So all
 * of that is done before, beside everybody: a check of the bound NOT VALID, then validated; indexes concurrently; foreign
 * keys NOT VALID, then validated; a check that the default partition has none of its rows. Then ATTACH takes a moment, and
 * the checks go with it in one transaction.
 */
import type { PartitionBoundSpec } from '@pgsql/types';
import { updateTable } from '../catalog/edit.ts';
import { columnOf, constraintOf, foreignKeysTo, resolveTable, sameName } from '../catalog/lookup.ts';
import type { Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import { has } from '../postgres/version.ts';
import { identifier, qualified, sql } from '../sql/template.ts';
import { parseStatements } from '../sql/parse.ts';
import type { AttachPartition } from './change.ts';
import { boundText, partitionCommand } from './decode/partition-command.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { missingPartSteps, partsFor, withParts } from './pieces/attached-parts.ts';
import {
  checkedTable,
  checkSteps,
  defaultPartitionCheck,
  defaultPartitionOf,
  defaultPartitionSteps,
} from './pieces/default-partition.ts';
import { directStep, statementTitle } from './pieces/direct.ts';
import { referencedTable } from './pieces/foreign-key-target.ts';
import { lockOn, lockOnFamily } from './pieces/locks.ts';
import { partitionCheck, provesCheck } from './pieces/partition-bound.ts';
import { locksOfTakingOver } from './pieces/partitioned-foreign-key.ts';
import { familyOf, withRows } from './pieces/table-family.ts';
import { nothingToUndo, transactional, undoBy, type StepDraft } from './step-draft.ts';
import { touchRelation } from './touch.ts';

export const attachPartition: Operation<AttachPartition> = {
  kind: 'attach_partition',

  decode(part) {
    const found = partitionCommand(part, 'AT_AttachPartition');
    if (found === null || found.command.bound === undefined) return null;
    const { table, ifTableExists, partition } = found;
    return [
      {
        kind: 'attach_partition',
        sql: part.sql,
        table,
        ifTableExists,
        partition,
        bound: boundText(found.command.bound),
      },
    ];
  },

  apply(catalog, change) {
    const parent = resolveTable(catalog, change.table);
    const table = resolveTable(catalog, change.partition);
    if (parent === null || table === null || table.partitionOf !== null) return catalog;
    const triggers = parent.triggers
      .filter(({ level, name }) => level === 'row' && !table.triggers.some((own) => own.name === name))
      .map((trigger) => ({ ...trigger, inherited: true }));
    return updateTable(withParts(catalog, parent, table), table, (each) => ({
      ...each,
      partitionOf: { parent: { schema: parent.schema, name: parent.name }, bound: change.bound },
      triggers: [...each.triggers, ...triggers],
      constraints: each.constraints.map((constraint) => {
        const above = constraint.kind === 'check' ? constraintOf(parent, constraint.name) : null;
        return above === null ? constraint : { ...constraint, inherited: true };
      }),
    }));
  },

  touches(change, catalog) {
    const parent = resolveTable(catalog, change.table);
    const beside = parent === null ? null : defaultPartitionOf(catalog, parent);
    return {
      reads: beside === null ? [] : [touchRelation(catalog, beside)],
      writes: [touchRelation(catalog, change.table), touchRelation(catalog, change.partition)],
    };
  },

  effects(change, catalog) {
    const parent = resolveTable(catalog, change.table);
    const table = resolveTable(catalog, change.partition);
    if (parent === null || table === null) return noEffects;
    const parts = partsFor(catalog, parent, table);
    const bound = boundOf(change);
    const check = partitionCheck(catalog, parent, bound);
    const beside = bound.is_default === true ? null : defaultPartitionOf(catalog, parent);
    const rest = beside === null ? null : defaultPartitionCheck(catalog, parent, bound);
    const family = familyOf(catalog, table);
    const referenced = parts.missingForeignKeys.flatMap(({ spec }) => referencedTable(catalog, parent, spec) ?? []);
    const taken = parts.takenForeignKeys.flatMap((spec) => referencedTable(catalog, parent, spec) ?? []);
    // Measured: attach_partition.referenced.
    const referring = has(catalog.version, 'locksReferringOnAttach') ? foreignKeysTo(catalog, parent) : [];
    return {
      ...noEffects,
      locks: [
        ...lockOn(parent, 'SHARE UPDATE EXCLUSIVE'),
        ...lockOnFamily(catalog, table, 'ACCESS EXCLUSIVE'),
        ...lockOnFamily(catalog, beside, 'ACCESS EXCLUSIVE'),
        ...referenced.flatMap((each) => lockOn(each, 'SHARE ROW EXCLUSIVE')),
        ...taken.flatMap((each) => locksOfTakingOver(catalog, family, each)),
        ...referring
          .filter((key) => !sameName(key.table, parent))
          .flatMap((key) => lockOn(key.table, 'SHARE ROW EXCLUSIVE')),
      ],
      scans: [
        ...(check !== null && provesCheck(table, check) && referenced.length === 0 ? [] : withRows(family)),
        ...referenced,
        ...(beside === null || (rest !== null && provesCheck(beside, rest)) ? [] : withRows(familyOf(catalog, beside))),
      ],
      indexBuilds: parts.missingIndexes.length + parts.missingKeys.length > 0 ? withRows(family) : [],
    };
  },

  plan(change, context): readonly StepDraft[] {
    const { catalog, migration, directives, isNew } = context;
    const phase = directives.phase ?? 'expand';
    const parent = resolveTable(catalog, change.table);
    const table = resolveTable(catalog, change.partition);
    const undo = attachPartition.undo(change, catalog);
    if (parent === null || table === null) return [directStep(phase, change.sql, undo)];
    refuseUnlike(change, parent, table);
    const bound = boundOf(change);
    const expression = partitionCheck(catalog, parent, bound);
    const beside = bound.is_default === true ? null : defaultPartitionOf(catalog, parent);
    const rest = beside === null || isNew(beside) ? 'true' : defaultPartitionCheck(catalog, parent, bound);
    if (expression === null || rest === null) throw notConstant(change, table);
    const own = isNew(table) || expression === 'true' ? null : checkedTable(table, expression, migration);
    const others = beside === null || isNew(beside) ? null : checkedTable(beside, rest, migration);
    const drops = [own, others].flatMap((checked) => (checked === null ? [] : [checked.drop]));
    return [
      ...(own === null
        ? []
        : checkSteps(
            own,
            {
              count: `Count rows of ${table.name} that ${parent.name} has no place for there`,
              what: `rows of ${table.name} lie outside ${change.bound}`,
              hint: `Delete or correct these rows of ${table.name}, or write other bounds; then run it again.`,
              notes: [],
            },
            phase,
          )),
      ...(isNew(table) ? [] : missingPartSteps(catalog, parent, table, phase)),
      ...(others === null ? [] : defaultPartitionSteps(others, table.name, phase)),
      {
        phase,
        title: statementTitle(change.sql),
        run: transactional(change.sql, ...drops),
        undo,
        notes:
          own === null ? [] : ['Valid checks prove that every row is in its place, so none is read under the lock.'],
      },
    ];
  },

  undo(change, catalog) {
    const parent = resolveTable(catalog, change.table);
    const table = resolveTable(catalog, change.partition);
    if (parent === null || table === null || table.partitionOf !== null) return nothingToUndo;
    return undoBy(transactional(sql`ALTER TABLE ${qualified(parent)} DETACH PARTITION ${qualified(table)}`.text));
  },
};

function boundOf({ sql: statement }: AttachPartition): PartitionBoundSpec {
  const node = parseStatements(statement)[0]?.node;
  const found = node === undefined ? null : partitionCommand({ node, sql: statement }, 'AT_AttachPartition');
  return found?.command.bound ?? {};
}

/** What the server would refuse at the end, said at the beginning. */
function refuseUnlike({ sql: statement }: AttachPartition, parent: Table, table: Table): void {
  const on = qualified(table);
  const missing = [
    ...parent.columns
      .filter(({ name }) => columnOf(table, name) === null)
      .map(({ name, type }) => ({
        what: `column ${name}`,
        line: `ALTER TABLE ${on.text} ADD COLUMN ${identifier(name).text} ${type};`,
      })),
    ...parent.columns
      .filter(({ name, notNull }) => notNull && columnOf(table, name)?.notNull === false)
      .map(({ name }) => ({
        what: `NOT NULL of ${name}`,
        line: `ALTER TABLE ${on.text} ALTER COLUMN ${identifier(name).text} SET NOT NULL;`,
      })),
    ...parent.constraints
      .filter(({ kind, noInherit, name }) => kind === 'check' && !noInherit && constraintOf(table, name) === null)
      .map(({ name, definition }) => ({
        what: `check ${name}`,
        line: `ALTER TABLE ${on.text} ADD CONSTRAINT ${identifier(name).text} ${definition};`,
      })),
  ];
  const [extra] = table.columns.filter(({ name }) => columnOf(parent, name) === null);
  if (extra !== undefined)
    throw new MigrateError(
      'CANNOT_PLAN',
      `${table.name} cannot become a partition of ${parent.name}, because that has no column ${extra.name}.`,
      {
        hint: `Write it in a migration before this one, on the side where it is right:\n  ALTER TABLE ${qualified(parent).text} ADD COLUMN ${identifier(extra.name).text} ${extra.type};\n  ALTER TABLE ${on.text} DROP COLUMN ${identifier(extra.name).text};`,
        details: { table: table.name, schema: table.schema, statement },
      },
    );
  const [first] = missing;
  if (first === undefined) return;
  throw new MigrateError(
    'CANNOT_PLAN',
    `${table.name} cannot become a partition of ${parent.name}, because it lacks ${missing.map(({ what }) => what).join(', ')}.`,
    {
      hint: `Write it in a migration before this one:\n${missing.map(({ line }) => `  ${line}`).join('\n')}`,
      details: { table: table.name, schema: table.schema, statement },
    },
  );
}

function notConstant({ sql: statement }: AttachPartition, table: Table): MigrateError {
  return new MigrateError(
    'CANNOT_PLAN',
    `The bounds of ${table.name} are no constants, so no check can prove beforehand that its rows keep to them: all reads and writes of it would wait while they are looked at.`,
    {
      hint: `Write the bounds as constants. Where all may wait, say so above the statement:\n  -- migrate:raw -- <reason>\n  ${statement};`,
      details: { table: table.name, schema: table.schema },
    },
  );
}
