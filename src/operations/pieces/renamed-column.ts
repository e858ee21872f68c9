/**
 * A catalog in which a column has another name: in everything of its own table, in the foreign keys that point to it, in
 * the tables that inherit it, and in what the catalog knows of views, policies, rules, functions and publications.
 *
 * As in Postgres, names do not follow: an index called users_email_idx keeps its name, and a view goes on calling its own
 * column as before. The text of a view's query is left alone; its list of used columns follows.
 */
import type { Constraint as ConstraintNode } from '@pgsql/types';
import { updateTable } from '../../catalog/edit.ts';
import { sameName } from '../../catalog/lookup.ts';
import type {
  Catalog,
  ColumnUse,
  Constraint,
  Index,
  Policy,
  QualifiedName,
  Table,
  Trigger,
} from '../../catalog/model.ts';
import { mapArray, mapValues } from '../../catalog/sharing.ts';
import { MigrateError } from '../../errors.ts';
import { emit, emitConstraint, emitExpression } from '../../sql/emit.ts';
import { parseExpression, parseStatements } from '../../sql/parse.ts';
import { replaceColumn } from '../../sql/walk.ts';
import { constraintNode } from './constraint-statement.ts';
import { descendantsOf } from './table-family.ts';

type Renaming = { readonly from: string; readonly to: string };

export function withRenamedColumn(catalog: Catalog, table: QualifiedName, from: string, to: string): Catalog {
  const renaming = { from, to };
  const family = [table, ...descendantsOf(catalog, table)];
  const edited = family.reduce(
    (current, member) => updateTable(current, member, (t) => ownTable(t, renaming)),
    catalog,
  );
  return family.reduce((current, member) => elsewhere(current, member, renaming), edited);
}

function ownTable(table: Table, renaming: Renaming): Table {
  const name = (column: string): string => (column === renaming.from ? renaming.to : column);
  const names = (columns: readonly string[]): readonly string[] => mapArray(columns, name);
  const expression = (text: string | null): string | null => renamedExpression(text, table.name, renaming);
  return {
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      name: name(column.name),
      generated:
        column.generated === null
          ? null
          : { ...column.generated, expression: expression(column.generated.expression) ?? '' },
    })),
    constraints: table.constraints.map((constraint) => ({
      ...constraint,
      columns: names(constraint.columns),
      definition: renamedConstraint(constraint, renaming),
      expression: expression(constraint.expression),
    })),
    indexes: table.indexes.map((index) => renamedIndex(index, table.name, renaming)),
    triggers: table.triggers.map((trigger) => renamedTrigger(trigger, renaming)),
    policies: table.policies.map((policy) => renamedPolicy(policy, table.name, renaming)),
    statistics: table.statistics.map((statistics) => ({
      ...statistics,
      columns: names(statistics.columns).toSorted(),
      definition: renamedStatement(statistics.definition, renaming),
    })),
    partitionKeyColumns: names(table.partitionKeyColumns),
    partitionKey: table.partitionKey === null ? null : renamedPartitionKey(table.partitionKey, renaming),
  };
}

function elsewhere(catalog: Catalog, table: QualifiedName, renaming: Renaming): Catalog {
  const uses = (list: readonly ColumnUse[]): readonly ColumnUse[] =>
    mapArray(list, (use) =>
      use.column === renaming.from && sameName(use.table, table) ? { ...use, column: renaming.to } : use,
    );
  return {
    ...catalog,
    tables: mapValues(catalog.tables, (other) => ({
      ...other,
      constraints: mapArray(other.constraints, (constraint) => renamedTarget(constraint, table, renaming)),
      policies: other.policies.map((policy) => ({ ...policy, uses: uses(policy.uses) })),
      rules: other.rules.map((rule) => ({ ...rule, uses: uses(rule.uses) })),
    })),
    views: mapValues(catalog.views, (view) => ({
      ...view,
      uses: uses(view.uses),
      rules: view.rules.map((rule) => ({ ...rule, uses: uses(rule.uses) })),
    })),
    functions: mapValues(catalog.functions, (f) => ({ ...f, uses: uses(f.uses) })),
    sequences: mapValues(catalog.sequences, (sequence) =>
      sequence.ownedBy !== null && sequence.ownedBy.column === renaming.from && sameName(sequence.ownedBy.table, table)
        ? { ...sequence, ownedBy: { ...sequence.ownedBy, column: renaming.to } }
        : sequence,
    ),
    publications: mapValues(catalog.publications, (publication) => ({
      ...publication,
      tables:
        publication.tables?.map((published) =>
          sameName(published, table)
            ? {
                ...published,
                columns: published.columns?.map((c) => (c === renaming.from ? renaming.to : c)).toSorted() ?? null,
                where: renamedExpression(published.where, table.name, renaming),
              }
            : published,
        ) ?? null,
    })),
  };
}

function renamedExpression(text: string | null, table: string, { from, to }: Renaming): string | null {
  if (text === null) return null;
  return unlessUnreadable(text, () => emitExpression(replaceColumn(parseExpression(text), from, to, { table })));
}

function renamedConstraint(constraint: Constraint, { from, to }: Renaming): string {
  if (!constraint.columns.includes(from)) return constraint.definition;
  return unlessUnreadable(constraint.definition, () =>
    clause(replaceColumn({ Constraint: constraintNode(constraint.definition) }, from, to).Constraint),
  );
}

/** A foreign key whose referenced column is the renamed one. */
function renamedTarget(constraint: Constraint, table: QualifiedName, { from, to }: Renaming): Constraint {
  const { references } = constraint;
  if (references === null || !sameName(references.table, table) || !references.columns.includes(from)) {
    return constraint;
  }
  const columns = references.columns.map((column) => (column === from ? to : column));
  return {
    ...constraint,
    references: { ...references, columns },
    definition: unlessUnreadable(constraint.definition, () =>
      clause({
        ...constraintNode(constraint.definition),
        pk_attrs: columns.map((column) => ({ String: { sval: column } })),
      }),
    ),
  };
}

function clause({ conname: _name, ...rest }: ConstraintNode): string {
  return emitConstraint(rest);
}

function renamedIndex(index: Index, table: string, renaming: Renaming): Index {
  const { from, to } = renaming;
  return {
    ...index,
    keys: mapArray(index.keys, (key) =>
      key.column === null
        ? { ...key, expression: renamedExpression(key.expression, table, renaming) ?? '' }
        : key.column === from
          ? { ...key, column: to, expression: to }
          : key,
    ),
    include: mapArray(index.include, (column) => (column === from ? to : column)),
    predicate: renamedExpression(index.predicate, table, renaming),
    definition: renamedStatement(index.definition, renaming),
  };
}

function renamedTrigger(trigger: Trigger, { from, to }: Renaming): Trigger {
  return {
    ...trigger,
    updateOf: mapArray(trigger.updateOf, (column) => (column === from ? to : column)),
    definition: unlessUnreadable(trigger.definition, () => {
      const node = parseStatements(trigger.definition)[0]?.node;
      if (node === undefined || !('CreateTrigStmt' in node)) return trigger.definition;
      const renamed = replaceColumn(node, from, to).CreateTrigStmt;
      const columns = renamed.columns?.map((column) =>
        'String' in column && column.String.sval === from ? { String: { sval: to } } : column,
      );
      return emit({ CreateTrigStmt: { ...renamed, ...(columns === undefined ? {} : { columns }) } });
    }),
  };
}

function renamedPolicy(policy: Policy, table: string, renaming: Renaming): Policy {
  return {
    ...policy,
    columns: policy.columns.map((column) => (column === renaming.from ? renaming.to : column)).toSorted(),
    using: renamedExpression(policy.using, table, renaming),
    withCheck: renamedExpression(policy.withCheck, table, renaming),
  };
}

function renamedStatement(text: string, { from, to }: Renaming): string {
  return unlessUnreadable(text, () => {
    const node = parseStatements(text)[0]?.node;
    return node === undefined ? text : emit(replaceColumn(node, from, to));
  });
}

function renamedPartitionKey(key: string, renaming: Renaming): string {
  const clause = 'PARTITION BY ';
  const text = renamedStatement(`CREATE TABLE t () ${clause}${key}`, renaming);
  const at = text.indexOf(clause);
  return at === -1 ? key : text.slice(at + clause.length).trim();
}

/** A text of a newer server's grammar stays as it is. */
function unlessUnreadable(text: string, rewrite: () => string): string {
  try {
    return rewrite();
  } catch (error) {
    if (error instanceof MigrateError && error.code === 'SYNTAX_ERROR') return text;
    throw error;
  }
}
