/**
 * Every operation by its kind: a forgotten one does not compile. Decoding asks them in order; `raw` takes what nobody
 * else knows.
 */
import type { Catalog } from '../catalog/model.ts';
import type { SqlStatement } from '../sql/parse.ts';
import { addCheck } from './add-check.ts';
import { addColumn } from './add-column.ts';
import { addEnumValue } from './add-enum-value.ts';
import { addForeignKey } from './add-foreign-key.ts';
import { addUnique } from './add-unique.ts';
import { alterColumnType } from './alter-column-type.ts';
import { alterSetting } from './alter-setting.ts';
import { attachPartition } from './attach-partition.ts';
import { changeRows } from './change-rows.ts';
import type { Change, ChangeKind, ChangeOf } from './change.ts';
import { createIndex } from './create-index.ts';
import { createObject } from './create-object.ts';
import { createTable } from './create-table.ts';
import { createTrigger } from './create-trigger.ts';
import { detachPartition } from './detach-partition.ts';
import { dropColumn } from './drop-column.ts';
import { dropConstraint } from './drop-constraint.ts';
import { dropIndex } from './drop-index.ts';
import { dropNotNull } from './drop-not-null.ts';
import { dropObject } from './drop-object.ts';
import { dropTable } from './drop-table.ts';
import type { Effects } from './effects.ts';
import type { Companion, Operation, OperationRegistry, PlanContext, PlanDirectives, Touches } from './operation.ts';
import { truncate } from './truncate.ts';
import { lockTable } from './lock-table.ts';
import { vacuum } from './vacuum.ts';
import { reindex } from './reindex.ts';
import { refreshView } from './refresh-view.ts';
import { rewriteTable } from './rewrite-table.ts';
import { setInheritance } from './set-inheritance.ts';
import { alterDomain } from './alter-domain.ts';
import { alterComposite } from './alter-composite.ts';
import { changePublication } from './change-publication.ts';
import { outcomeOfRaw, rawOperation, type Inner } from './raw.ts';
import { renameColumn } from './rename-column.ts';
import { renameObject } from './rename-object.ts';
import { setDefault } from './set-default.ts';
import { setNotNull } from './set-not-null.ts';
import { setSession } from './set-session.ts';
import { statementParts, type StatementPart } from './decode/statement-parts.ts';
import type { StepDraft, Undo } from './step-draft.ts';
import { transactionControl } from './transaction-control.ts';
import { validateConstraint } from './validate-constraint.ts';

/** What stands inside a block of code is decoded like everything else. */
const inner: Inner = {
  decode: (statement) => decodeStatement(statement),
  apply: (catalog, change) => applyChange(catalog, change),
  effects: (change, catalog) => effectsOf(change, catalog),
  touches: (change, catalog, directives) => touchesOf(change, catalog, directives),
  undo: (change, catalog) => undoOf(change, catalog),
};

const raw = rawOperation(inner);

export const operations: OperationRegistry = {
  create_table: createTable,
  create_object: createObject,
  add_column: addColumn,
  drop_column: dropColumn,
  rename_column: renameColumn,
  alter_column_type: alterColumnType,
  set_not_null: setNotNull,
  drop_not_null: dropNotNull,
  set_default: setDefault,
  add_check: addCheck,
  add_foreign_key: addForeignKey,
  add_unique: addUnique,
  validate_constraint: validateConstraint,
  drop_constraint: dropConstraint,
  create_index: createIndex,
  drop_index: dropIndex,
  drop_table: dropTable,
  drop_object: dropObject,
  rename_object: renameObject,
  add_enum_value: addEnumValue,
  create_trigger: createTrigger,
  alter_setting: alterSetting,
  change_rows: changeRows,
  truncate,
  lock_table: lockTable,
  vacuum,
  attach_partition: attachPartition,
  detach_partition: detachPartition,
  reindex,
  refresh_view: refreshView,
  rewrite_table: rewriteTable,
  set_inheritance: setInheritance,
  alter_domain: alterDomain,
  alter_composite: alterComposite,
  change_publication: changePublication,
  transaction_control: transactionControl,
  set_session: setSession,
  raw,
};

/** Every kind of change there is. */
export const changeKinds: readonly ChangeKind[] = Object.values(operations).map(({ kind }) => kind);

const decoders = Object.values(operations).filter((operation) => operation.kind !== 'raw');

/** What the statement does, in the order in which Postgres does it. Never empty: what nobody knows is `raw`. */
export function decodeStatement(statement: SqlStatement): readonly Change[] {
  return statementParts(statement).flatMap(decodePart);
}

function decodePart(part: StatementPart): readonly Change[] {
  for (const operation of decoders) {
    const changes = operation.decode(part);
    if (changes !== null) return changes;
  }
  return raw.decode(part) ?? [];
}

/** The operation of this very change; the registry's type guarantees that kinds match. */
function operationOf<K extends ChangeKind>(change: ChangeOf<K>): Operation<ChangeOf<K>> {
  // `change.kind` is K by construction, but TypeScript cannot follow a generic key through an indexed access.
  return operations[change.kind as K] as unknown as Operation<ChangeOf<K>>;
}

export function applyChange(catalog: Catalog, change: Change): Catalog {
  return operationOf(change).apply(catalog, change);
}

export function touchesOf(change: Change, catalog: Catalog, directives: PlanDirectives): Touches {
  return operationOf(change).touches(change, catalog, directives);
}

/** The last answer for each change: it is asked for several times before the schema goes on. */
const knownEffects = new WeakMap<Change, { readonly catalog: Catalog; readonly effects: Effects }>();

export function effectsOf(change: Change, catalog: Catalog): Effects {
  const known = knownEffects.get(change);
  if (known?.catalog === catalog) return known.effects;
  const effects = operationOf(change).effects(change, catalog);
  knownEffects.set(change, { catalog, effects });
  return effects;
}

export function planChange(change: Change, context: PlanContext): readonly StepDraft[] {
  return operationOf(change).plan(change, context);
}

/** Whether a later change belongs into one plan with this one. */
export function joins(change: Change, later: Companion, context: PlanContext): boolean {
  return operationOf(change).joins?.(change, later, context) === true;
}

export function undoOf(change: Change, catalog: Catalog): Undo {
  return operationOf(change).undo(change, catalog);
}

/** The statements of a block of code in its place, where exactly these will run on this schema. */
export function changesThatRun(change: Change, catalog: Catalog): readonly Change[] {
  if (change.kind !== 'raw' || change.what !== 'DO block') return [change];
  const outcome = outcomeOfRaw(change, catalog, inner);
  return outcome?.certain === true && !outcome.endsTransaction ? outcome.runs : [change];
}

/** All statements that a block of code, or a function that is called, may run as far as they can be read. */
export function changesInside(change: Change, catalog: Catalog): readonly Change[] {
  return change.kind === 'raw' ? (outcomeOfRaw(change, catalog, inner)?.possible ?? []) : [];
}

/** The same as `changesThatRun`, for statements that mean the same outside the block; null where the block has to run itself. */
export function statementsOfBlock(change: Change, catalog: Catalog): readonly Change[] | null {
  if (change.kind !== 'raw' || change.code?.hasVariables !== false) return null;
  const changes = changesThatRun(change, catalog);
  return changes[0] === change ? null : changes;
}
