/**
 * Built-in functions that an older server does not have, by the capability that tells since when (`version.ts`).
 *
 * Guarantee: each name appeared with that version as a whole: no older server has a function of that name, whatever its
 * arguments. From the release notes; a test looks into pg_proc of every version.
 */
import type { Capability } from './version.ts';

function all(capability: Capability, names: string): readonly (readonly [string, Capability])[] {
  return names
    .split(/\s+/)
    .filter((name) => name !== '')
    .map((name) => [name, capability] as const);
}

export const newFunctions: ReadonlyMap<string, Capability> = new Map([
  ...all('functionsOf15', 'regexp_count regexp_instr regexp_like regexp_substr pg_settings_get_flags'),
  ...all(
    'functionsOf16',
    `any_value array_sample array_shuffle random_normal date_add date_subtract erf erfc pg_input_is_valid
    pg_input_error_info pg_split_walfile_name`,
  ),
  ...all('functionsOf17', 'to_bin to_oct uuid_extract_timestamp uuid_extract_version unicode_assigned xmltext'),
  ...all('functionsOf18', 'array_reverse array_sort casefold crc32 crc32c gamma lgamma uuidv4 uuidv7'),
]);
