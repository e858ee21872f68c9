/** Names of tables and columns that a query mentions, wherever in it they stand. */
import { visit } from '../../sql/walk.ts';
import type { RelationName } from '../change.ts';

export function tablesIn(nodes: unknown): readonly RelationName[] {
  const found: RelationName[] = [];
  visit(nodes, (tag, fields) => {
    if (tag !== 'RangeVar') return;
    const { schemaname, relname } = fields;
    found.push({
      schema: typeof schemaname === 'string' ? schemaname : null,
      name: typeof relname === 'string' ? relname : '',
    });
  });
  return found;
}

/** Last parts of all column references, each once, of whichever table; `*` where all columns are meant. */
export function columnNamesIn(nodes: unknown): readonly string[] {
  const found = new Set<string>();
  visit(nodes, (tag, fields) => {
    if (tag !== 'ColumnRef' || !Array.isArray(fields['fields'])) return;
    const last: unknown = fields['fields'].at(-1);
    if (typeof last !== 'object' || last === null) return;
    if ('A_Star' in last) found.add('*');
    // The grammar's String node always holds `sval`.
    if ('String' in last) found.add((last.String as { readonly sval?: string }).sval ?? '');
  });
  return [...found];
}
