/**
 * Segments of the write-ahead log that are written and not yet archived: they stay on the disk until they are.
 *
 * Source: `last_archived_wal` of pg_stat_archiver against the position of the log, both of which everybody may read
 * (the directory of the archiver's files needs pg_monitor). A server that has not archived anything since its statistics
 * were reset is counted from where we began to look.
 */
import { sql } from '../../../sql/template.ts';
import { measured, serverSignal, statisticsIntervalMs, type CommonSettings, type ServerSignal } from './signal.ts';

export type UnarchivedWalSettings = CommonSettings & { readonly limitSegments: number | null };

export const defaultUnarchivedWal: UnarchivedWalSettings = { limitSegments: 42 };

type Answer = {
  readonly archives: boolean;
  readonly segment: number;
  /** Name of the file: timeline, and the segment's number in two parts; a history file looks different. */
  readonly archived: string | null;
  readonly segmentBytes: number;
};

const segmentSpace = 2 ** 32; // the first part of the number counts these, the second the segments in one of them

export function unarchivedWal({ limitSegments }: UnarchivedWalSettings): ServerSignal {
  let begin: number | null = null;
  return serverSignal<Answer>({
    everyMs: statisticsIntervalMs,
    sql: () => sql`select json_build_object(
        'archives', current_setting('archive_mode') <> 'off',
        'segmentBytes', pg_size_bytes(current_setting('wal_segment_size'))::float8,
        'segment', div(pg_current_wal_lsn() - '0/0', pg_size_bytes(current_setting('wal_segment_size')))::float8,
        'archived', last_archived_wal) from pg_stat_archiver`,
    read: ({ archives, segment, archived, segmentBytes }) => {
      if (!archives) return measured();
      begin ??= segment;
      const done = archived === null ? null : segmentOf(archived, segmentBytes);
      // The present segment is still being written.
      const waiting = Math.max(0, segment - 1 - (done ?? begin - 1));
      return measured({ value: waiting, limit: limitSegments, unit: 'segments', about: null });
    },
  });
}

/** Also of `….backup` and `….partial`, which are named after their segment. */
function segmentOf(file: string, segmentBytes: number): number | null {
  const [, high = '', low = ''] = /^[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})/.exec(file) ?? [];
  if (high === '') return null;
  return Number.parseInt(high, 16) * (segmentSpace / segmentBytes) + Number.parseInt(low, 16);
}
