/**
 * A catalog as a tree of facts: the one form from which both the difference of two catalogs and the fingerprint of one
 * are made, so that they can never disagree.
 *
 * What counts: everything the server would enforce, run or show. What does not: the order of a table's columns, the
 * server's estimates, the values of sequences (not in the model), the search path of whoever looked, and fields that only
 * repeat what a `definition` says in full (the parsed keys of an index, the timing of a trigger).
 */

import { qualifiedName, quoteIdentifier } from '../sql/identifier.ts';
import { flag, list, named, names, number, object, optional, qualified, text } from './fact.ts';
import type { Fact, Parts } from './fact.ts';
import type {
  Catalog,
  Column,
  Constraint,
  FunctionObject,
  Index,
  Policy,
  Rule,
  Sequence,
  Table,
  Trigger,
  TypeObject,
  View,
} from './model.ts';

/** What there is to say about a catalog, each object under its kind and name: `table public.users`. */
export function catalogFacts(catalog: Catalog): Fact {
  return object('catalog', [
    ['server version', text(String(catalog.version))],
    ...named('schema', catalog.schemas.values(), ({ owner, comment, grants }) =>
      object('exists', [...standing({ owner, comment, grants })]),
    ),
    ...qualified('table', catalog.tables.values(), tableFact),
    ...qualified('view', catalog.views.values(), viewFact),
    ...qualified('sequence', catalog.sequences.values(), sequenceFact),
    ...qualified('type', catalog.types.values(), typeFact),
    ...[...catalog.functions.values()].map(
      (f) => [`function ${qualifiedName(f)}(${f.argumentTypes})`, functionFact(f)] as const,
    ),
    ...named('extension', catalog.extensions.values(), ({ schema }) => object('exists', [['schema', text(schema)]])),
    ...named('publication', catalog.publications.values(), (publication) =>
      object('exists', [
        ['all tables', flag(publication.tables === null)],
        ...qualified('table', publication.tables ?? [], ({ columns, where }) =>
          object('published', [
            ['columns', columns === null ? text(null) : names(columns)],
            ['where', text(where)],
          ]),
        ),
        ['schemas', names(publication.schemas)],
        ['publishes', list(publication.publishes)],
        ['via partition root', flag(publication.viaPartitionRoot)],
        ['owner', text(publication.owner)],
        ['comment', text(publication.comment)],
      ]),
    ),
  ]);
}

function tableFact(table: Table): Fact {
  return object(table.kind, [
    ['kind', text(table.kind)],
    ['persistence', text(table.persistence)],
    ...named('column', table.columns, columnFact),
    ...named('constraint', table.constraints, constraintFact),
    ...named('index', table.indexes, indexFact),
    ...named('trigger', table.triggers, triggerFact),
    ...named('policy', table.policies, policyFact),
    ...named('rule', table.rules, ruleFact),
    ...qualified('statistics', table.statistics, ({ definition, target, comment }) =>
      object(definition, [
        ['definition', text(definition)],
        ['target', number(target)],
        ['comment', text(comment)],
      ]),
    ),
    ['partition key', text(table.partitionKey)],
    ['partition of', text(table.partitionOf === null ? null : qualifiedName(table.partitionOf.parent))],
    ['partition bound', text(table.partitionOf?.bound ?? null)],
    ['inherits', list(table.inherits.map(qualifiedName))],
    ['row security enabled', flag(table.rowSecurity.enabled)],
    ['row security forced', flag(table.rowSecurity.forced)],
    ['replica identity', text(table.replicaIdentity)],
    ['options', list(table.options)],
    ['access method', text(table.accessMethod)],
    ['tablespace', text(table.tablespace)],
    ...standing(table),
  ]);
}

function columnFact(column: Column): Fact {
  const { generated, identity, notNullConstraint } = column;
  return object(column.type, [
    ['type', text(column.type)],
    ['collation', text(column.collation)],
    ['default', text(column.default)],
    ['not null', flag(column.notNull)],
    ...optional('not null constraint', notNullConstraint, (constraint) =>
      object(quoteIdentifier(constraint.name), [
        ['name', text(constraint.name)],
        ['validated', flag(constraint.validated)],
        ['no inherit', flag(constraint.noInherit)],
        ['comment', text(constraint.comment)],
      ]),
    ),
    ['generated', text(generated === null ? null : `(${generated.expression}) ${generated.kind}`)],
    ['identity', text(identity?.kind ?? null)],
    ['identity sequence', text(identity === null ? null : qualifiedName(identity.sequence))],
    ['storage', text(column.storage)],
    ['compression', text(column.compression)],
    ['statistics target', number(column.statisticsTarget)],
    ['options', list(column.options)],
    ['comment', text(column.comment)],
    ['grants', list(column.grants)],
  ]);
}

function constraintFact(constraint: Constraint): Fact {
  return object(constraint.definition, [
    ['definition', text(constraint.definition)],
    ['validated', flag(constraint.validated)],
    ['enforced', flag(constraint.enforced)],
    ['deferrable', flag(constraint.deferrable)],
    ['initially deferred', flag(constraint.initiallyDeferred)],
    ['no inherit', flag(constraint.noInherit)],
    ['index', text(constraint.index)],
    ['inherited', flag(constraint.inherited)],
    ['comment', text(constraint.comment)],
  ]);
}

function indexFact(index: Index): Fact {
  return object(index.definition, [
    ['definition', text(index.definition)],
    ['valid', flag(index.valid)],
    ['constraint', text(index.constraint)],
    ['replica identity', flag(index.replicaIdentity)],
    ['clustered', flag(index.clustered)],
    ['options', list(index.options)],
    ['tablespace', text(index.tablespace)],
    ['partition of', text(index.partitionOf === null ? null : qualifiedName(index.partitionOf))],
    ['comment', text(index.comment)],
  ]);
}

function triggerFact(trigger: Trigger): Fact {
  return object(trigger.definition, [
    ['definition', text(trigger.definition)],
    ['enabled', text(trigger.enabled)],
    ['inherited', flag(trigger.inherited)],
    ['comment', text(trigger.comment)],
  ]);
}

function policyFact(policy: Policy): Fact {
  return object(policy.using ?? policy.withCheck ?? policy.command, [
    ['command', text(policy.command)],
    ['permissive', flag(policy.permissive)],
    ['roles', names(policy.roles)],
    ['using', text(policy.using)],
    ['with check', text(policy.withCheck)],
    ['comment', text(policy.comment)],
  ]);
}

function ruleFact(rule: Rule): Fact {
  return object(rule.definition, [
    ['definition', text(rule.definition)],
    ['enabled', text(rule.enabled)],
    ['comment', text(rule.comment)],
  ]);
}

function viewFact(view: View): Fact {
  return object(view.kind, [
    ['kind', text(view.kind)],
    ['populated', flag(view.populated)],
    ...named('column', view.columns, (column) =>
      object(column.type, [
        ['type', text(column.type)],
        ['default', text(column.default)],
        ['comment', text(column.comment)],
        ['grants', list(column.grants)],
      ]),
    ),
    // Unlike a table's, these cannot be put in another order without a new view: the order is part of its query.
    ['column order', names(view.columns.map((column) => column.name))],
    ['definition', text(view.definition)],
    ['options', list(view.options)],
    ...named('index', view.indexes, indexFact),
    ...named('trigger', view.triggers, triggerFact),
    ...named('rule', view.rules, ruleFact),
    ...standing(view),
  ]);
}

function sequenceFact(sequence: Sequence): Fact {
  const { ownedBy } = sequence;
  const owner = ownedBy === null ? null : `${qualifiedName(ownedBy.table)}.${quoteIdentifier(ownedBy.column)}`;
  return object(sequence.type, [
    ['type', text(sequence.type)],
    ['start', text(sequence.start)],
    ['increment', text(sequence.increment)],
    ['minimum', text(sequence.minimum)],
    ['maximum', text(sequence.maximum)],
    ['cache', text(sequence.cache)],
    ['cycle', flag(sequence.cycle)],
    ['owned by', text(owner)],
    ['identity', flag(sequence.identity)],
    ...standing(sequence),
  ]);
}

function typeFact(type: TypeObject): Fact {
  return object(type.kind, [
    ['kind', text(type.kind)],
    ['labels', names(type.labels)],
    ['base type', text(type.baseType)],
    ['not null', flag(type.notNull)],
    ['default', text(type.default)],
    ...named('constraint', type.constraints, ({ definition, validated }) =>
      object(definition, [
        ['definition', text(definition)],
        ['validated', flag(validated)],
      ]),
    ),
    ...named('attribute', type.attributes, (attribute) => text(attribute.type)),
    ['attribute order', names(type.attributes.map((attribute) => attribute.name))],
    ...standing(type),
  ]);
}

function functionFact(f: FunctionObject): Fact {
  return object(f.kind, [['kind', text(f.kind)], ['definition', text(f.definition)], ...standing(f)]);
}

function standing(of: {
  readonly owner: string | null;
  readonly comment: string | null;
  readonly grants: readonly string[];
}): Parts {
  return [
    ['owner', text(of.owner)],
    ['comment', text(of.comment)],
    ['grants', list(of.grants)],
  ];
}
