/** What the row count and size of a live table mean to a finding. */
import type { Table } from '../catalog/model.ts';

/**
 * Below both, scanning, rewriting or indexing the whole table takes some ten milliseconds, which is what any ALTER TABLE
 * costs its clients anyway.
 */
const smallRows = 10_000;
const smallBytes = 10_000_000;

export function isSmall({ estimate }: Pick<Table, 'estimate'>): boolean {
  return estimate !== null && estimate.rows <= smallRows && estimate.bytes <= smallBytes;
}

/** `orders has about 41 million rows (18 GB).`; null when the database does not know. */
export function sizeText({ name, estimate }: Pick<Table, 'name' | 'estimate'>): string | null {
  if (estimate === null || estimate.rows < 0) return null; // -1: never analyzed
  return `${name} has about ${rounded(estimate.rows, rowUnits)} ${estimate.rows === 1 ? 'row' : 'rows'} (${rounded(estimate.bytes, byteUnits)}).`;
}

const rowUnits = ['', ' thousand', ' million', ' billion', ' trillion'] as const;
const byteUnits = [' bytes', ' kB', ' MB', ' GB', ' TB'] as const;

function rounded(value: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  while (rest >= 1_000 && unit < units.length - 1) {
    rest /= 1_000;
    unit += 1;
  }
  return `${rest < 10 && unit > 0 ? Number(rest.toFixed(1)) : Math.round(rest)}${units[unit] ?? ''}`;
}
