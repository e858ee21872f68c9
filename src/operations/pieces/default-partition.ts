/**
 * A default partition, when another partition comes beside it: Postgres looks into it for rows that belong into the new
 * one, while all reads and writes wait (measured: attach_partition.default_exists, create_partition_of). A valid check that
 * there are none spares that (measured: attach_partition.default_checked).
 */
import type { PartitionBoundSpec } from '@pgsql/types';
import { childrenOf } from '../../catalog/lookup.ts';
import type { Catalog, QualifiedName, Table } from '../../catalog/model.ts';
import { identifier, qualified, raw, sql } from '../../sql/template.ts';
import { derivedName } from '../derived-name.ts';
import { nothingToUndo, transactional, undoBy, type Phase, type StepDraft } from '../step-draft.ts';
import { addNotValid, dropConstraintIfExists, validate } from './constraint-statement.ts';
import { partitionCheck } from './partition-bound.ts';
import { checkViolations } from './violations.ts';

export function defaultPartitionOf(catalog: Catalog, parent: QualifiedName): Table | null {
  return childrenOf(catalog, parent).find(({ partitionOf }) => partitionOf?.bound === 'DEFAULT') ?? null;
}

/** What no row of the default partition may satisfy; null where the bound is no constant. */
export function defaultPartitionCheck(catalog: Catalog, parent: Table, bound: PartitionBoundSpec): string | null {
  // The bounds of the tables above hold for the default partition itself.
  const own = partitionCheck(catalog, { ...parent, partitionOf: null }, bound);
  return own === null ? null : `NOT (${own})`;
}

export type CheckedTable = {
  readonly table: Table;
  readonly expression: string;
  /** The helper's name. */
  readonly name: string;
  /** Drops it again. */
  readonly drop: string;
};

export function checkedTable(table: Table, expression: string, migration: string): CheckedTable {
  const name = derivedName('check', migration, table, 'bound');
  return {
    table,
    expression,
    name,
    drop: sql`ALTER TABLE ${qualified(table)} DROP CONSTRAINT ${identifier(name)}`.text,
  };
}

export type CheckWords = {
  readonly count: string;
  readonly what: string;
  readonly hint: string;
  readonly notes: readonly string[];
};

/** Count what stands in the way, hold new rows to the check, and look at those that are there while everybody goes on. */
export function checkSteps(
  { table, expression, name }: CheckedTable,
  words: CheckWords,
  phase: Phase,
): readonly StepDraft[] {
  const alter = sql`ALTER TABLE ${qualified(table)}`;
  const gate = checkViolations({ table, name, expression, noInherit: false, repairable: false });
  return [
    {
      phase,
      title: words.count,
      run: { ...gate, what: words.what, hint: words.hint },
      undo: nothingToUndo,
      notes: [],
    },
    {
      phase,
      title: `Hold new rows of ${table.name} to it`,
      run: transactional(addNotValid(alter, name, sql`CHECK (${raw(expression)})`.text)),
      undo: undoBy(transactional(dropConstraintIfExists(table, name))),
      notes: words.notes,
      exemption: 'inherent',
    },
    {
      phase,
      title: `Check that every row of ${table.name} keeps to it`,
      run: transactional(validate(alter, name)),
      undo: nothingToUndo,
      notes: [],
    },
  ];
}

/** The steps before a partition with this bound can come without a look into the default partition. */
export function defaultPartitionSteps(checked: CheckedTable, newcomer: string, phase: Phase): readonly StepDraft[] {
  const { name } = checked.table;
  return checkSteps(
    checked,
    {
      count: `Count rows of ${name} that belong into ${newcomer}`,
      what: `rows of ${name} belong into ${newcomer}`,
      hint: `Move these rows out of ${name} first, into the table that becomes the partition; then run it again.`,
      notes: [`From here until the partition is there, rows that belong into ${newcomer} are refused.`],
    },
    phase,
  );
}
