/**
 * Names of helper objects: a hash of what they are for, so that a second plan after a crash finds its own objects, two
 * migrations never share one, and 63 bytes are never exceeded (a long name would be cut and could meet another one).
 */
import { createHash } from 'node:crypto';
import type { QualifiedName } from '../catalog/model.ts';

export type HelperPurpose =
  'table' | 'shadow' | 'sync' | 'fill' | 'check' | 'index' | 'key' | 'constraint' | 'statistics';

/** Twelve hex digits: a collision among ten thousand helpers has odds of one in five million. */
const hashLength = 12;

/** For instance `onward_shadow_3f9a1c0b77de`. */
export function derivedName(
  purpose: HelperPurpose,
  migration: string,
  table: QualifiedName,
  ...what: readonly string[]
): string {
  return `onward_${purpose}_${hashOf(purpose, migration, table, what)}`;
}

/**
 * For sync triggers. BEFORE triggers fire in the byte order of their names, and a trigger of the user that fires later
 * could still change the source column; `~` sorts behind every letter, digit and underscore.
 */
export function derivedTriggerName(
  purpose: HelperPurpose,
  migration: string,
  table: QualifiedName,
  ...what: readonly string[]
): string {
  return `~onward_${purpose}_${hashOf(purpose, migration, table, what)}`;
}

function hashOf(purpose: HelperPurpose, migration: string, table: QualifiedName, what: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([purpose, migration, table.schema, table.name, ...what]))
    .digest('hex')
    .slice(0, hashLength);
}
