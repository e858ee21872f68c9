/**
 * What changes no row and no shape (row 30): comments, grants, owners, storage parameters, statistics targets, replica
 * identity, sequences, trigger switches, row level security. Run as written at its measured lock; what takes rights away
 * (REVOKE, ENABLE ROW LEVEL SECURITY) waits for contract, because the old application still needs them.
 */
import { resolveTable } from '../catalog/lookup.ts';
import type { AlterSetting } from './change.ts';
import { decodeSetting } from './decode/setting.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { lockOnFamily, lockOnRelation } from './pieces/locks.ts';
import { touchesNamed } from './pieces/named-objects.ts';
import { withSetting } from './pieces/setting-in-catalog.ts';
import { undoOfSetting } from './pieces/setting-undo.ts';
import { touchColumn, touchDefaultPrivileges, touchRelation } from './touch.ts';

/** Settings that partitions and inheriting tables take over (measured: set_statistics.of_partitioned and its like). */
const downToChildren: ReadonlySet<string> = new Set([
  'statistics target',
  'storage mode',
  'trigger switch',
  'expression',
  'constraint deferral',
]);

export const alterSetting: Operation<AlterSetting> = {
  kind: 'alter_setting',

  decode(part) {
    const decoded = decodeSetting(part);
    return decoded === null
      ? null
      : [{ kind: 'alter_setting', sql: part.sql, column: null, narrowing: false, sequence: null, ...decoded }];
  },

  apply: withSetting,

  touches(change, catalog) {
    const { table, column, sequence, setting } = change;
    const reads =
      sequence !== null ? [touchRelation(catalog, sequence)] : table === null ? touchesNamed(change.sql, catalog) : [];
    if (table !== null)
      return { reads, writes: [column === null ? touchRelation(catalog, table) : touchColumn(catalog, table, column)] };
    if (setting === 'default privileges') return { reads, writes: [touchDefaultPrivileges] };
    return { reads, writes: sequence === null ? [] : [touchRelation(catalog, sequence)] };
  },

  effects(change, catalog) {
    if (change.table === null || change.lock === null) return noEffects;
    const table = resolveTable(catalog, change.table);
    return {
      ...noEffects,
      locks:
        table !== null && downToChildren.has(change.setting)
          ? lockOnFamily(catalog, table, change.lock)
          : lockOnRelation(catalog, change.table, change.lock),
    };
  },

  plan: (change, { catalog }) => [
    directStep(
      change.narrowing ? 'contract' : 'expand',
      change.sql,
      alterSetting.undo(change, catalog),
      change.narrowing ? ['It takes away what the running application may use, so it waits for contract.'] : [],
    ),
  ],

  undo: undoOfSetting,
};
