/**
 * What the tables below have of a constraint of a parent: a check under the same name; a foreign key of the same columns
 * (its name is another one where the partition used it already); a key as the constraint whose index is attached.
 */
import { childrenOf, constraintOf, sameName } from '../../catalog/lookup.ts';
import type { Catalog, Constraint, Table } from '../../catalog/model.ts';

export type ConstraintPart = { readonly table: Table; readonly constraint: string };

/** The constraint itself first; nothing when there is none of that name. */
export function constraintParts(catalog: Catalog, table: Table, name: string): readonly ConstraintPart[] {
  const constraint = constraintOf(table, name);
  if (constraint === null) return [];
  const below = constraint.noInherit
    ? []
    : childrenOf(catalog, table).flatMap((child) =>
        child.constraints
          .filter((candidate) => candidate.inherited && isPart(child, candidate, table, constraint))
          .flatMap((candidate) => constraintParts(catalog, child, candidate.name)),
      );
  return [{ table, constraint: name }, ...below];
}

function isPart(child: Table, candidate: Constraint, parent: Table, constraint: Constraint): boolean {
  if (candidate.kind !== constraint.kind) return false;
  switch (constraint.kind) {
    case 'check':
      return candidate.name === constraint.name;
    case 'foreign_key':
      return (
        candidate.references !== null &&
        constraint.references !== null &&
        sameName(candidate.references.table, constraint.references.table) &&
        JSON.stringify([candidate.columns, candidate.references.columns]) ===
          JSON.stringify([constraint.columns, constraint.references.columns])
      );
    case 'primary_key':
    case 'unique':
    case 'exclusion': {
      const index = child.indexes.find((one) => one.name === candidate.index);
      return index?.partitionOf?.name === constraint.index && index.partitionOf.schema === parent.schema;
    }
  }
}
