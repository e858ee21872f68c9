/**
 * The statements that drop, and that make again, every index, constraint, trigger, policy, rule, statistics object and
 * view of a catalog, from nothing but what the catalog says. What comes with a partitioned table's own is left to it.
 */
import type { Catalog, Constraint, Index, Table, Trigger, View } from '../../../src/catalog/model.ts';
import { identifier, join, literal, qualified, raw, sql, type SqlFragment } from '../../../src/sql/template.ts';

export function dropEverything(catalog: Catalog): string {
  const tables = [...catalog.tables.values()];
  const foreignKeys = (only: boolean) =>
    tables.flatMap((table) =>
      table.constraints
        .filter((one) => !one.inherited && (one.kind === 'foreign_key') === only)
        .map((one) => sql`ALTER TABLE ${qualified(table)} DROP CONSTRAINT ${identifier(one.name)}`),
    );
  return script([
    ...viewsInOrder(catalog)
      .toReversed()
      .map((view) => sql`DROP ${raw(viewKind(view))} ${qualified(view)}`),
    ...tables.flatMap((table) => [
      ...table.triggers
        .filter((trigger) => !trigger.inherited)
        .map((trigger) => sql`DROP TRIGGER ${identifier(trigger.name)} ON ${qualified(table)}`),
      ...table.policies.map((policy) => sql`DROP POLICY ${identifier(policy.name)} ON ${qualified(table)}`),
      ...table.rules.map((rule) => sql`DROP RULE ${identifier(rule.name)} ON ${qualified(table)}`),
      ...table.statistics.map((statistics) => sql`DROP STATISTICS ${qualified(statistics)}`),
    ]),
    ...foreignKeys(true),
    ...foreignKeys(false),
    ...tables.flatMap((table) =>
      table.indexes
        .filter((index) => index.constraint === null && index.partitionOf === null)
        .map((index) => sql`DROP INDEX ${qualified({ schema: table.schema, name: index.name })}`),
    ),
  ]);
}

export function makeEverything(catalog: Catalog): string {
  const tables = [...catalog.tables.values()];
  const constraints = (kinds: readonly Constraint['kind'][]) =>
    tables.flatMap((table) =>
      table.constraints
        .filter((one) => !one.inherited && kinds.includes(one.kind))
        .flatMap((one) => constraintStatements(table, one)),
    );
  return script([
    ...constraints(['primary_key', 'unique', 'exclusion', 'check']),
    ...tables.flatMap((table) => table.indexes.flatMap((index) => indexStatements(table, index))),
    ...tables.flatMap((table) => table.indexes.flatMap((index) => attachStatement(table, index))),
    ...constraints(['foreign_key']),
    ...tables.flatMap((table) => [
      ...table.statistics.flatMap((statistics) => [
        raw(statistics.definition),
        ...(statistics.target === null
          ? []
          : [sql`ALTER STATISTICS ${qualified(statistics)} SET STATISTICS ${literal(statistics.target)}`]),
        ...comment(sql`STATISTICS ${qualified(statistics)}`, statistics.comment),
      ]),
      ...table.policies.flatMap((policy) => [
        sql`CREATE POLICY ${identifier(policy.name)} ON ${qualified(table)} AS ${raw(policy.permissive ? 'PERMISSIVE' : 'RESTRICTIVE')} FOR ${raw(policy.command)} TO ${join(policy.roles.map((role) => (role === 'public' ? raw('PUBLIC') : identifier(role))))}${policy.using === null ? raw('') : sql` USING (${raw(policy.using)})`}${policy.withCheck === null ? raw('') : sql` WITH CHECK (${raw(policy.withCheck)})`}`,
        ...comment(sql`POLICY ${identifier(policy.name)} ON ${qualified(table)}`, policy.comment),
      ]),
      ...table.rules.map((rule) => raw(rule.definition)),
      ...table.triggers.filter((trigger) => !trigger.inherited).flatMap((trigger) => triggerStatements(table, trigger)),
    ]),
    ...viewsInOrder(catalog).flatMap(viewStatements),
  ]);
}

function constraintStatements(table: Table, one: Constraint): readonly SqlFragment[] {
  const state = !one.enforced ? ' NOT ENFORCED' : !one.validated ? ' NOT VALID' : '';
  return [
    sql`ALTER TABLE ${qualified(table)} ADD CONSTRAINT ${identifier(one.name)} ${raw(one.definition + state)}`,
    ...comment(sql`CONSTRAINT ${identifier(one.name)} ON ${qualified(table)}`, one.comment),
  ];
}

function indexStatements(on: Table | View, index: Index): readonly SqlFragment[] {
  const name = qualified({ schema: on.schema, name: index.name });
  const created = index.constraint === null ? [raw(index.definition)] : [];
  return [
    ...created,
    ...index.options.flatMap((option) => {
      const [, column, target] = /^statistics\((\d+)\)=(\d+)$/.exec(option) ?? [];
      return column === undefined
        ? []
        : [sql`ALTER INDEX ${name} ALTER COLUMN ${raw(column)} SET STATISTICS ${raw(target ?? '')}`];
    }),
    ...(index.clustered ? [sql`ALTER TABLE ${qualified(on)} CLUSTER ON ${identifier(index.name)}`] : []),
    ...(index.replicaIdentity
      ? [sql`ALTER TABLE ${qualified(on)} REPLICA IDENTITY USING INDEX ${identifier(index.name)}`]
      : []),
    ...comment(sql`INDEX ${name}`, index.comment),
  ];
}

function attachStatement(table: Table, index: Index): readonly SqlFragment[] {
  if (index.partitionOf === null || index.constraint !== null) return [];
  return [
    sql`ALTER INDEX ${qualified(index.partitionOf)} ATTACH PARTITION ${qualified({ schema: table.schema, name: index.name })}`,
  ];
}

function triggerStatements(on: Table | View, trigger: Trigger): readonly SqlFragment[] {
  const states = { origin: null, disabled: 'DISABLE', replica: 'ENABLE REPLICA', always: 'ENABLE ALWAYS' } as const;
  const state = states[trigger.enabled];
  return [
    raw(trigger.definition),
    ...(state === null ? [] : [sql`ALTER TABLE ${qualified(on)} ${raw(state)} TRIGGER ${identifier(trigger.name)}`]),
    ...comment(sql`TRIGGER ${identifier(trigger.name)} ON ${qualified(on)}`, trigger.comment),
  ];
}

function viewStatements(view: View): readonly SqlFragment[] {
  const options = view.options.length === 0 ? raw('') : sql` WITH (${join(view.options.map(raw))})`;
  return [
    sql`CREATE ${raw(viewKind(view))} ${qualified(view)}${options} AS ${raw(view.definition)}`,
    ...comment(sql`${raw(viewKind(view))} ${qualified(view)}`, view.comment),
    ...view.columns.flatMap((column) => [
      ...comment(sql`COLUMN ${qualified(view)}.${identifier(column.name)}`, column.comment),
      ...(column.default === null
        ? []
        : [
            sql`ALTER VIEW ${qualified(view)} ALTER COLUMN ${identifier(column.name)} SET DEFAULT ${raw(column.default)}`,
          ]),
    ]),
    ...(view.grants.some((grant) => grant.startsWith('=r/'))
      ? [sql`GRANT SELECT ON ${qualified(view)} TO PUBLIC`]
      : []),
    ...view.indexes.flatMap((index) => indexStatements(view, index)),
    ...view.triggers.flatMap((trigger) => triggerStatements(view, trigger)),
  ];
}

function viewKind(view: View): string {
  return view.kind === 'view' ? 'VIEW' : 'MATERIALIZED VIEW';
}

/** A view after those it reads. */
function viewsInOrder(catalog: Catalog): readonly View[] {
  const depth = (view: View): number =>
    Math.max(
      0,
      ...view.uses.map(({ table }) => {
        const below = [...catalog.views.values()].find((v) => v.name === table.name && v.schema === table.schema);
        return below === undefined ? 0 : 1 + depth(below);
      }),
    );
  return [...catalog.views.values()].toSorted((a, b) => depth(a) - depth(b));
}

function comment(on: SqlFragment, text: string | null): readonly SqlFragment[] {
  return text === null ? [] : [sql`COMMENT ON ${on} IS ${literal(text)}`];
}

function script(statements: readonly SqlFragment[]): string {
  return statements.map((statement) => statement.text).join(';\n');
}
