/**
 * Flyway's history: a row for each script that ran, in the order of `installed_rank`. A baseline stands for all versions
 * up to its own; an undo or a deletion takes the last row of its version back. The checksum is a CRC-32 over the lines of
 * the file without their ends; of a repeatable script it depends on placeholders and cannot be reckoned again.
 */
import { crc32 } from 'node:zlib';
import { sql } from '../../../sql/template.ts';
import { compareVersions, flywayVersion } from '../../flyway-names.ts';
import { fileName } from '../file-ids.ts';
import type { HistoryTool } from '../history-tool.ts';

export const flyway: HistoryTool = {
  name: 'flyway',
  title: 'Flyway',
  schema: null,
  table: 'flyway_schema_history',
  columns: ['installed_rank', 'version', 'script', 'type', 'checksum', 'installed_on', 'success'],
  entries: (table) =>
    sql`select coalesce(replace(version, '_', '.'), regexp_replace(script, '^.*[/\\\\]', '')) as id,
        case when not success then 'failed' when type in ('BASELINE', 'SQL_BASELINE') then 'up to'
          when type = 'SQL' then 'done' else 'code' end as state,
        installed_on::timestamptz as at, case when version is not null then checksum::text end as checksum
      from (select distinct on (coalesce(version, script)) * from ${table} where type <> 'SCHEMA'
        order by coalesce(version, script), installed_rank desc) as last
      where type !~ '^UNDO' and type <> 'DELETE' order by installed_rank`,
  idsOf: (files) => files.map((file) => flywayVersion(fileName(file)) ?? fileName(file)),
  compare(a, b) {
    const [first, second] = [partsOf(a), partsOf(b)];
    // A repeatable script has no version: no baseline stands for it.
    return first === null || second === null ? 1 : compareVersions(first, second);
  },
  checksum: (bytes) =>
    String(
      crc32(
        Buffer.from(bytes)
          .toString('utf8')
          .replaceAll(/^\uFEFF|[\r\n]/g, ''),
      ) | 0,
    ),
  repair: (id) => `Look at what ${id} left in the schema, undo it by hand, then: flyway repair`,
};

function partsOf(version: string): readonly bigint[] | null {
  return /^\d+(?:\.\d+)*$/.test(version) ? version.split('.').map((part) => BigInt(part)) : null;
}
