/**
 * Objects of the catalog with every field at what Postgres gives it when a statement says nothing about it. The fold
 * starts from these, and so do tests: a field added to the model later gets its value here, once.
 */

import type {
  Column,
  Constraint,
  FunctionObject,
  Index,
  IndexKey,
  Policy,
  QualifiedName,
  Sequence,
  Table,
  Trigger,
  TypeObject,
  View,
} from './model.ts';

export function blankTable(name: QualifiedName, given: Partial<Table> = {}): Table {
  return {
    kind: 'table',
    persistence: 'permanent',
    columns: [],
    constraints: [],
    indexes: [],
    triggers: [],
    policies: [],
    rules: [],
    statistics: [],
    partitionKey: null,
    partitionKeyColumns: [],
    partitionOf: null,
    inherits: [],
    rowSecurity: { enabled: false, forced: false },
    replicaIdentity: 'default',
    options: [],
    accessMethod: null,
    tablespace: null,
    owner: null,
    comment: null,
    grants: [],
    estimate: null,
    ...given,
    schema: name.schema,
    name: name.name,
  };
}

export function blankColumn(name: string, type: string, given: Partial<Column> = {}): Column {
  return {
    collation: null,
    default: null,
    notNull: false,
    notNullConstraint: null,
    generated: null,
    identity: null,
    storage: null,
    compression: null,
    statisticsTarget: null,
    options: [],
    comment: null,
    grants: [],
    ...given,
    name,
    type,
  };
}

export function blankConstraint(
  name: string,
  kind: Constraint['kind'],
  definition: string,
  given: Partial<Constraint> = {},
): Constraint {
  return {
    columns: [],
    validated: true,
    enforced: true,
    deferrable: false,
    initiallyDeferred: false,
    noInherit: false,
    references: null,
    expression: null,
    index: null,
    inherited: false,
    comment: null,
    ...given,
    name,
    kind,
    definition,
  };
}

/** A key that is a column in its default order. */
export function blankIndexKey(column: string, given: Partial<IndexKey> = {}): IndexKey {
  return {
    column,
    expression: column,
    operatorClass: null,
    collation: null,
    descending: false,
    nullsFirst: false,
    ...given,
  };
}

export function blankIndex(name: string, definition: string, given: Partial<Index> = {}): Index {
  return {
    method: 'btree',
    unique: false,
    keys: [],
    include: [],
    predicate: null,
    nullsNotDistinct: false,
    valid: true,
    constraint: null,
    replicaIdentity: false,
    clustered: false,
    options: [],
    tablespace: null,
    partitionOf: null,
    comment: null,
    ...given,
    name,
    definition,
  };
}

export function blankTrigger(
  name: string,
  definition: string,
  calls: QualifiedName,
  given: Partial<Trigger> = {},
): Trigger {
  return {
    timing: 'after',
    level: 'statement',
    events: [],
    updateOf: [],
    enabled: 'origin',
    inherited: false,
    comment: null,
    ...given,
    name,
    definition,
    function: { schema: calls.schema, name: calls.name },
  };
}

export function blankPolicy(name: string, given: Partial<Policy> = {}): Policy {
  return {
    command: 'all',
    permissive: true,
    roles: ['public'],
    using: null,
    withCheck: null,
    columns: [],
    uses: [],
    comment: null,
    ...given,
    name,
  };
}

export function blankView(name: QualifiedName, definition: string, given: Partial<View> = {}): View {
  return {
    kind: 'view',
    populated: true,
    columns: [],
    options: [],
    owner: null,
    comment: null,
    grants: [],
    indexes: [],
    triggers: [],
    rules: [],
    uses: [],
    ...given,
    schema: name.schema,
    name: name.name,
    definition,
  };
}

export function blankSequence(name: QualifiedName, given: Partial<Sequence> = {}): Sequence {
  return {
    type: 'bigint',
    start: '1',
    increment: '1',
    minimum: '1',
    maximum: '9223372036854775807',
    cache: '1',
    cycle: false,
    ownedBy: null,
    identity: false,
    owner: null,
    comment: null,
    grants: [],
    ...given,
    schema: name.schema,
    name: name.name,
  };
}

export function blankType(name: QualifiedName, kind: TypeObject['kind'], given: Partial<TypeObject> = {}): TypeObject {
  return {
    labels: [],
    baseType: null,
    notNull: false,
    default: null,
    constraints: [],
    attributes: [],
    owner: null,
    comment: null,
    grants: [],
    ...given,
    schema: name.schema,
    name: name.name,
    kind,
  };
}

export function blankFunction(
  name: QualifiedName,
  argumentTypes: string,
  given: Partial<FunctionObject> = {},
): FunctionObject {
  return {
    kind: 'function',
    identityArguments: argumentTypes,
    definition: '',
    volatility: 'volatile',
    uses: [],
    owner: null,
    comment: null,
    grants: [],
    ...given,
    schema: name.schema,
    name: name.name,
    argumentTypes,
  };
}
