/**
 * What depends on a table or a view as a whole, and what goes with it when it is dropped with CASCADE: views over it and
 * over these, rules, policies and functions that use any of them, foreign keys and tables that inherit. As far as the
 * catalog knows it, which for relations is all that pg_depend does; what uses a type or a function is not in it.
 */
import { describeDependent, type Dependent } from './dependents.ts';
import { dropConstraint, dropObject, dropPolicy, dropRule, dropTable } from './edit.ts';
import { childrenOf, foreignKeysTo, sameName, tableNamed } from './lookup.ts';
import { objectKey, type Catalog, type ColumnUse, type QualifiedName } from './model.ts';

export type DroppedAlong = {
  readonly dependents: readonly Dependent[];
  /** The views and tables among them, and the tables of the policies, rules and foreign keys: all are locked. */
  readonly relations: readonly QualifiedName[];
};

/** Everything that CASCADE takes along, besides what was named and what belongs to it. */
export function droppedAlong(catalog: Catalog, named: readonly QualifiedName[]): DroppedAlong {
  const gone = new Map(named.map((name) => [objectKey(name), name]));
  const dependents = new Map<string, Dependent>();
  const relations = new Map<string, QualifiedName>();
  for (const name of gone.values()) {
    for (const [dependent, relation, goesItself] of usersOf(catalog, name)) {
      if (relation !== null && gone.has(objectKey(relation)) && !goesItself) continue; // goes with its relation
      if (goesItself && relation !== null) {
        if (gone.has(objectKey(relation))) continue;
        gone.set(objectKey(relation), relation); // and the loop comes to it
      }
      dependents.set(describeDependent(dependent), dependent);
      if (relation !== null) relations.set(objectKey(relation), relation);
    }
  }
  // A rule of a view that goes, too, belongs to it.
  const belongs = ({ kind, on }: Dependent): boolean => kind === 'rule' && on !== null && gone.has(objectKey(on));
  return {
    dependents: [...dependents.values()].filter((dependent) => !belongs(dependent)),
    relations: [...relations.values()],
  };
}

/** The catalog when they are gone. */
export function withoutDroppedAlong(catalog: Catalog, { dependents }: DroppedAlong): Catalog {
  return dependents.reduce(withoutDependent, catalog);
}

function withoutDependent(catalog: Catalog, { kind, name, on }: Dependent): Catalog {
  if (on === null) return catalog;
  switch (kind) {
    case 'view':
    case 'materialized view':
      return dropObject(catalog, 'views', objectKey(on));
    case 'rule':
      return dropRule(catalog, on, name);
    case 'policy':
      return dropPolicy(catalog, on, name);
    case 'foreign key of another table':
      return dropConstraint(catalog, on, name);
    case 'inheriting table':
      return dropTable(catalog, on);
    case 'function': {
      // Of those with its name, only what the server has parsed can depend on anything.
      const found = [...catalog.functions].filter(([, each]) => sameName(each, on) && each.uses.length > 0);
      return found.reduce((before, [key]) => dropObject(before, 'functions', key), catalog);
    }
    default:
      return catalog;
  }
}

/** Each with the relation that it is or stands on, and whether that one goes itself. */
type User = readonly [dependent: Dependent, relation: QualifiedName | null, goesItself: boolean];

function usersOf(catalog: Catalog, name: QualifiedName): readonly User[] {
  const uses = (list: readonly ColumnUse[]): boolean => list.some(({ table }) => sameName(table, name));
  const of = (kind: Dependent['kind'], own: { readonly name: string }, on: QualifiedName): Dependent => ({
    kind,
    name: own.name,
    on: { schema: on.schema, name: on.name },
  });
  const others = [...catalog.tables.values()].filter((other) => !sameName(other, name));
  const views = [...catalog.views.values()].filter((view) => !sameName(view, name));
  const table = tableNamed(catalog, name);
  const keys = table === null ? [] : foreignKeysTo(catalog, table).filter((key) => !sameName(key.table, name));
  const isPart = ({ partitionOf }: { readonly partitionOf: { readonly parent: QualifiedName } | null }) =>
    partitionOf !== null && sameName(partitionOf.parent, name);
  return [
    ...views
      .filter((view) => uses(view.uses))
      .map((view): User => [of(view.kind === 'view' ? 'view' : 'materialized view', view, view), view, true]),
    ...[...others, ...views].flatMap((on) =>
      on.rules.filter((rule) => uses(rule.uses)).map((rule): User => [of('rule', rule, on), on, false]),
    ),
    ...others.flatMap((on) =>
      on.policies.filter((policy) => uses(policy.uses)).map((policy): User => [of('policy', policy, on), on, false]),
    ),
    ...[...catalog.functions.values()]
      .filter((each) => uses(each.uses))
      .map((each): User => [of('function', each, each), null, false]),
    ...keys.map((key): User => [of('foreign key of another table', key.constraint, key.table), key.table, false]),
    // Partitions belong to their table: they go without being asked for.
    ...childrenOf(catalog, name)
      .filter((child) => !isPart(child))
      .map((child): User => [of('inheriting table', child, child), child, true]),
  ];
}
