/**
 * A ColumnDef as a ColumnSpec plus the table constraints that stand behind the column. `PRIMARY KEY` and serial types
 * bring their NOT NULL with them, as in Postgres.
 */
import type { ColumnDef, Node } from '@pgsql/types';
import { emitExpression } from '../../sql/emit.ts';
import { serialType, typeText } from '../../sql/type-name.ts';
import type { ColumnSpec, ConstraintSpec } from '../change.ts';
import { constraintSpec, type ConstraintAttributes } from './constraint-spec.ts';
import { stringValues } from './names.ts';

export type DecodedColumn = { readonly column: ColumnSpec; readonly constraints: readonly ConstraintSpec[] };

export function columnSpec(definition: ColumnDef): DecodedColumn {
  const name = definition.colname ?? '';
  const constraints: ConstraintSpec[] = [];
  let column: ColumnSpec = {
    name,
    type: definition.typeName === undefined ? '' : (serialType(definition.typeName) ?? typeText(definition.typeName)),
    collation: definition.collClause === undefined ? null : collationName(definition.collClause.collname),
    default: null,
    notNull: false,
    notNullName: null,
    generated: null,
    identity: null,
    serial: definition.typeName === undefined ? null : serialType(definition.typeName),
    compression: definition.compression ?? null,
    storage: definition.storage_name ?? null,
  };
  if (column.serial !== null) column = { ...column, notNull: true };
  const nodes = (definition.constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));
  nodes.forEach((node, position) => {
    switch (node.contype) {
      case 'CONSTR_NOTNULL':
        column = { ...column, notNull: true, notNullName: node.conname ?? null };
        break;
      case 'CONSTR_DEFAULT':
        column = { ...column, default: node.raw_expr === undefined ? null : defaultText(node.raw_expr) };
        break;
      case 'CONSTR_GENERATED':
        column = {
          ...column,
          generated: {
            expression: node.raw_expr === undefined ? '' : emitExpression(node.raw_expr),
            kind: node.generated_kind === 'v' ? 'virtual' : 'stored',
          },
        };
        break;
      case 'CONSTR_IDENTITY':
        column = {
          ...column,
          notNull: true,
          identity: { kind: node.generated_when === 'd' ? 'by default' : 'always' },
        };
        break;
      default: {
        const spec = constraintSpec(
          node,
          name,
          attributesBehind(nodes.slice(position + 1).map((next) => next.contype)),
        );
        if (spec !== null) constraints.push(spec);
        if (spec?.kind === 'primary_key') column = { ...column, notNull: true };
      }
    }
  });
  return { column, constraints };
}

/** `DEFAULT NULL` is no default. */
export function defaultText(expression: Node): string | null {
  return 'A_Const' in expression && expression.A_Const.isnull === true ? null : emitExpression(expression);
}

/** `DEFERRABLE INITIALLY DEFERRED` behind a constraint are nodes of their own, up to the next constraint. */
function attributesBehind(next: readonly (string | undefined)[]): ConstraintAttributes {
  const end = next.findIndex((type) => !(type ?? '').startsWith('CONSTR_ATTR_'));
  const own = new Set(end === -1 ? next : next.slice(0, end));
  return {
    deferrable: own.has('CONSTR_ATTR_DEFERRABLE'),
    initiallyDeferred: own.has('CONSTR_ATTR_DEFERRED'),
    notEnforced: own.has('CONSTR_ATTR_NOT_ENFORCED'),
  };
}

function collationName(names: readonly Node[] | undefined): string {
  return stringValues(names)
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}
