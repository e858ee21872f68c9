/**
 * From a tree back to SQL, through pgsql-deparser.
 *
 * Guarantee: the same tree gives the same text, and the text parses to the same tree (but for locations).
 */

import { deparseSync } from 'pgsql-deparser';
import type { Node } from '@pgsql/types';

/** The SQL of one statement, without a semicolon, or of one expression. */
export function emit(node: Node): string {
  return deparseSync(node).replace(/;\s*$/, '');
}

/** The SQL of one expression. */
export function emitExpression(node: Node): string {
  return emit(node);
}
