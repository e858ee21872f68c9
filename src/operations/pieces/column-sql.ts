/** A column's definition as it stands behind ADD COLUMN. */
import { identifier, join, raw, sql, type SqlFragment } from '../../sql/template.ts';
import type { ColumnSpec } from '../change.ts';

export function columnSql(column: ColumnSpec): SqlFragment {
  return join(
    [
      identifier(column.name),
      raw(column.type),
      ...(column.storage === null ? [] : [sql`STORAGE ${raw(column.storage)}`]),
      ...(column.compression === null ? [] : [sql`COMPRESSION ${raw(column.compression)}`]),
      ...(column.collation === null ? [] : [sql`COLLATE ${raw(column.collation)}`]),
      ...(column.default === null ? [] : [sql`DEFAULT ${raw(column.default)}`]),
      ...(column.notNull ? [raw('NOT NULL')] : []),
    ],
    ' ',
  );
}
