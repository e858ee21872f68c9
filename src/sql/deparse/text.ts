/** Two small pieces that each part of the deparser needs. */

import type { Node } from '@pgsql/types';

/** The text of a `String` node; '' for anything else. */
export function stringOf(node: Node | undefined): string {
  return node !== undefined && 'String' in node ? (node.String.sval ?? '') : '';
}

/** The parts that are not empty, with blanks between them. */
export function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
