/** A column as written, put into the model: with the sequence of a serial or identity column and its named NOT NULL. */
import { addColumn, addSequence } from '../../catalog/edit.ts';
import { blankColumn, blankSequence } from '../../catalog/blank.ts';
import { columnOf, relationExists, tableNamed } from '../../catalog/lookup.ts';
import type { Catalog, Column, QualifiedName } from '../../catalog/model.ts';
import { typeInCatalog } from '../../catalog/type-name.ts';
import { chooseName } from '../../postgres/names.ts';
import { has } from '../../postgres/version.ts';
import { literal, qualified, sql } from '../../sql/template.ts';
import type { ColumnSpec } from '../change.ts';
import { notNullName } from './not-null.ts';
import { familyOf } from './table-family.ts';
import { storedDefault } from './stored-default.ts';

export function foldColumn(catalog: Catalog, tableName: QualifiedName, spec: ColumnSpec): Catalog {
  const table = tableNamed(catalog, tableName);
  if (table === null || columnOf(table, spec.name) !== null) return catalog;
  const sequence =
    spec.serial === null && spec.identity === null
      ? null
      : {
          schema: table.schema,
          name: chooseName({ table: table.name, columns: [spec.name], label: 'seq' }, (name) =>
            relationExists(catalog, { schema: table.schema, name }),
          ),
        };
  const column: Column = blankColumn(spec.name, typeInCatalog(catalog, spec.type), {
    collation: spec.collation,
    default:
      spec.serial !== null && sequence !== null
        ? sql`nextval(${literal(qualified(sequence).text)}::regclass)`.text
        : storedDefault(spec.default, spec.type),
    notNull: spec.notNull,
    notNullConstraint:
      spec.notNull && has(catalog.version, 'namedNotNullConstraints')
        ? { name: spec.notNullName ?? notNullName(table, spec.name), validated: true, noInherit: false, comment: null }
        : null,
    generated: spec.generated,
    identity: spec.identity === null || sequence === null ? null : { kind: spec.identity.kind, sequence },
    compression: spec.compression,
    storage: spec.storage,
  });
  const withColumn = familyOf(catalog, table).reduce((edited, member) => addColumn(edited, member, column), catalog);
  if (sequence === null) return withColumn;
  return addSequence(
    withColumn,
    blankSequence(sequence, {
      type: spec.serial ?? (spec.type === 'smallint' || spec.type === 'integer' ? spec.type : 'bigint'),
      ownedBy: { table: { schema: table.schema, name: table.name }, column: spec.name },
      identity: spec.identity !== null,
    }),
  );
}
