/** Functions of a table's triggers: their bodies are texts to Postgres, and do not follow when a column is renamed. */
import type { Table } from '../../catalog/model.ts';

export function functionsToFollow(table: Table, from: string, to: string): readonly string[] {
  const names = [...new Set(table.triggers.map((trigger) => trigger.function.name))];
  if (names.length === 0) return [];
  return [`Functions that name ${from} must name ${to} from this moment on: look at ${names.join(', ')}.`];
}
