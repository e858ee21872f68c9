/**
 * A Constraint node as a ConstraintSpec. Column constraints (`REFERENCES r`, `UNIQUE`, `CHECK (…)` behind a column) are
 * written as table constraints of that column, because that is what Postgres makes of them.
 */
import type { Constraint, Node } from '@pgsql/types';
import type { ForeignKeyAction } from '../../catalog/model.ts';
import { emitConstraint, emitExpression } from '../../sql/emit.ts';
import { columnReferences } from '../../sql/walk.ts';
import type { ConstraintSpec } from '../change.ts';
import { relationName, stringValues } from './names.ts';

const kinds: Readonly<Record<string, ConstraintSpec['kind']>> = {
  CONSTR_CHECK: 'check',
  CONSTR_FOREIGN: 'foreign_key',
  CONSTR_PRIMARY: 'primary_key',
  CONSTR_UNIQUE: 'unique',
  CONSTR_EXCLUSION: 'exclusion',
};

const actions: Readonly<Record<string, ForeignKeyAction>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

/** Attributes that the grammar leaves as nodes of their own behind a column constraint. */
export type ConstraintAttributes = {
  readonly deferrable?: boolean;
  readonly initiallyDeferred?: boolean;
  readonly notEnforced?: boolean;
};

/** Null for what is not a table-level constraint (NOT NULL, DEFAULT, GENERATED, IDENTITY, attributes). */
export function constraintSpec(
  node: Constraint,
  column: string | null,
  attributes: ConstraintAttributes = {},
): ConstraintSpec | null {
  const kind = kinds[node.contype ?? ''];
  if (kind === undefined) return null;
  const normal = asTableConstraint(node, column, attributes);
  const columns =
    kind === 'foreign_key'
      ? stringValues(normal.fk_attrs)
      : kind === 'check'
        ? [
            ...new Set(
              node.raw_expr === undefined ? [] : columnReferences(node.raw_expr).map((reference) => reference.column),
            ),
          ]
        : kind === 'exclusion'
          ? exclusionColumns(normal)
          : stringValues(normal.keys);
  return {
    name: node.conname ?? null,
    kind,
    columns,
    definition: clauseOf(normal),
    expression: node.raw_expr === undefined ? null : emitExpression(node.raw_expr),
    notValid: node.skip_validation === true,
    // The tree leaves out what is false: an enforced check or foreign key says so, one that is NOT ENFORCED says nothing.
    enforced: normal.is_enforced === true || !(kind === 'check' || kind === 'foreign_key'),
    deferrable: normal.deferrable === true || normal.initdeferred === true,
    initiallyDeferred: normal.initdeferred === true,
    noInherit: node.is_no_inherit === true,
    references:
      kind !== 'foreign_key'
        ? null
        : {
            table: relationName(node.pktable),
            columns: stringValues(node.pk_attrs),
            onDelete: actions[node.fk_del_action ?? 'a'] ?? 'no action',
            onUpdate: actions[node.fk_upd_action ?? 'a'] ?? 'no action',
            match: node.fk_matchtype === 'f' ? 'full' : 'simple',
          },
    usingIndex: node.indexname ?? null,
    include: stringValues(node.including),
    nullsNotDistinct: node.nulls_not_distinct === true,
  };
}

function asTableConstraint(node: Constraint, column: string | null, attributes: ConstraintAttributes): Constraint {
  const key: Node[] | undefined = column === null ? undefined : [{ String: { sval: column } }];
  const { conname: _name, skip_validation: _skip, initially_valid: _valid, location: _location, ...rest } = node;
  return {
    ...rest,
    ...(attributes.deferrable === true ? { deferrable: true } : {}),
    ...(attributes.initiallyDeferred === true ? { deferrable: true, initdeferred: true } : {}),
    ...(attributes.notEnforced === true ? { is_enforced: false } : {}),
    ...(key !== undefined && node.contype === 'CONSTR_FOREIGN' && node.fk_attrs === undefined ? { fk_attrs: key } : {}),
    ...(key !== undefined &&
    (node.contype === 'CONSTR_UNIQUE' || node.contype === 'CONSTR_PRIMARY') &&
    node.keys === undefined
      ? { keys: key }
      : {}),
  };
}

function exclusionColumns(node: Constraint): readonly string[] {
  return (node.exclusions ?? []).flatMap((pair) => {
    const element = 'List' in pair ? pair.List.items?.[0] : undefined;
    return element !== undefined && 'IndexElem' in element && element.IndexElem.name !== undefined
      ? [element.IndexElem.name]
      : [];
  });
}

/** The clause as the emitter prints it; the parser marks what is NOT ENFORCED as not validated either. */
function clauseOf(node: Constraint): string {
  const unenforced =
    (node.contype === 'CONSTR_CHECK' || node.contype === 'CONSTR_FOREIGN') && node.is_enforced !== true;
  return emitConstraint({ ...node, ...(unenforced ? { skip_validation: true } : {}) });
}
