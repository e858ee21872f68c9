/** ATTACH and DETACH PARTITION, taken apart. */
import type { AlterTableCmd, PartitionBoundSpec, PartitionCmd } from '@pgsql/types';
import { emit } from '../../sql/emit.ts';
import type { RelationName } from '../change.ts';
import { tableCommand } from './alter-table.ts';
import { relationName } from './names.ts';
import type { StatementPart } from './statement-parts.ts';

export type PartitionCommand = {
  readonly table: RelationName;
  readonly ifTableExists: boolean;
  readonly partition: RelationName;
  readonly command: PartitionCmd;
};

/** Null for anything else, ALTER INDEX … ATTACH PARTITION included. */
export function partitionCommand(
  part: StatementPart,
  ...subtypes: readonly NonNullable<AlterTableCmd['subtype']>[]
): PartitionCommand | null {
  const found = tableCommand(part, ...subtypes);
  const def = found?.command.def;
  if (found === null || def === undefined || !('PartitionCmd' in def)) return null;
  const { table, ifTableExists } = found;
  return { table, ifTableExists, partition: relationName(def.PartitionCmd.name), command: def.PartitionCmd };
}

/** The bound as the emitter prints it inside a minimal statement. */
export function boundText(bound: PartitionBoundSpec | undefined): string {
  if (bound === undefined) return '';
  if (bound.is_default === true) return 'DEFAULT';
  const text = emit({
    CreateStmt: {
      relation: { relname: 'c', inh: true, relpersistence: 'p' },
      inhRelations: [{ RangeVar: { relname: 'p', inh: true, relpersistence: 'p' } }],
      partbound: bound,
      oncommit: 'ONCOMMIT_NOOP',
    },
  });
  return text.slice(Math.max(0, text.indexOf('FOR VALUES')));
}
