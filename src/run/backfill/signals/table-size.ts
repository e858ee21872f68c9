/**
 * The table's size on disk, with its indexes and its TOAST table.
 *
 * Source: pg_total_relation_size(), which everybody may call. It opens the table, so behind a strong lock it fails and
 * counts as bad: somebody wants the table. Without a limit unless one is given: how full the disk is cannot be asked.
 */
import { sql } from '../../../sql/template.ts';
import { measured, serverSignal, tableAndPartitions, type CommonSettings, type ServerSignal } from './signal.ts';

export type TableSizeSettings = CommonSettings & { readonly limitBytes: number | null };

export const defaultTableSize: TableSizeSettings = { limitBytes: null };

const everyMs = 5_000; // it looks at every file of a gigabyte, and a table grows slowly

export function tableSize({ limitBytes }: TableSizeSettings): ServerSignal {
  return serverSignal<{ readonly bytes: number | null }>({
    everyMs,
    sql: ({ table }) => sql`select json_build_object('bytes', sum(pg_total_relation_size(oid))::float8)
      from (${tableAndPartitions(table)}) as leaf`,
    read: ({ bytes }) =>
      bytes === null ? measured() : measured({ value: bytes, limit: limitBytes, unit: 'bytes', about: null }),
  });
}
