/**
 * A partition that is attached, or created, without a look at rows while others wait: the statements for a person to
 * write. Several rules end in it.
 *
 * A valid check of the bound proves that the partition's rows belong there, and one of its opposite that the default
 * partition has none of them (measured: attach_partition.with_check, attach_partition.default_checked). Indexes and keys
 * that the parent has are made before, beside everybody, and are taken over. Each statement needs a transaction of its own.
 */
import { resolveTable } from '../catalog/lookup.ts';
import type { Table } from '../catalog/model.ts';
import type { RelationName } from '../operations/change.ts';
import { missingPartSteps } from '../operations/pieces/attached-parts.ts';
import { defaultPartitionCheck, defaultPartitionOf } from '../operations/pieces/default-partition.ts';
import { parseBound, partitionCheck, provesCheck } from '../operations/pieces/partition-bound.ts';
import { makeObjectName } from '../postgres/names.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import { validateSql } from './not-valid-recipe.ts';
import type { RuleContext } from './rule.ts';

/** The new partition, as the person writes it. */
type Newcomer = {
  readonly parent: RelationName;
  readonly bound: string;
  readonly partition: RelationName;
};

/** Statements without semicolons, `attach` among them; null where the bound or the parent's key is not known. */
export function attachRecipe(
  { catalog, isNew }: RuleContext,
  { parent: written, bound: boundText, partition }: Newcomer,
  attach: string,
): readonly string[] | null {
  const parent = resolveTable(catalog, written);
  const bound = parseBound(boundText);
  if (parent === null || bound === null) return null;
  const table = resolveTable(catalog, partition);
  const check = partitionCheck(catalog, parent, bound);
  if (check === null) return null;
  const proofs = [...(table === null || isNew(partition) ? [] : proofOf(table, partition, check)), ...proofOfDefault()];
  const missing = table === null || isNew(partition) ? [] : missingPartSteps(catalog, parent, table, 'expand');
  return [
    ...proofs.flatMap(({ before }) => before),
    ...missing.flatMap(({ run }) => (run.kind === 'sql' ? run.statements : [])),
    attach,
    ...proofs.map(({ after }) => after),
  ];

  function proofOfDefault() {
    const beside = parent === null ? null : defaultPartitionOf(catalog, parent);
    if (parent === null || bound === null || bound.is_default === true || beside === null || isNew(beside)) return [];
    const rest = defaultPartitionCheck(catalog, parent, bound);
    // Without the schema where the person wrote none.
    const schema = written.schema === null && beside.schema === parent.schema ? null : beside.schema;
    return rest === null ? [] : proofOf(beside, { schema, name: beside.name }, rest);
  }
}

type Proof = { readonly before: readonly string[]; readonly after: string };

/** Nothing when the table's own checks prove it already. */
function proofOf(table: Table, written: RelationName, check: string): readonly Proof[] {
  if (provesCheck(table, check)) return [];
  const name = makeObjectName(table.name, null, 'bound');
  const on = sql`ALTER TABLE ${qualified(written)}`;
  return [
    {
      before: [
        sql`${on} ADD CONSTRAINT ${identifier(name)} CHECK (${raw(check)}) NOT VALID`.text,
        validateSql(written, name),
      ],
      after: sql`${on} DROP CONSTRAINT ${identifier(name)}`.text,
    },
  ];
}
