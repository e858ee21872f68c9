/**
 * The `migrate:rollback` section of a file that is phased by hand.
 *
 * What the plan can take back itself it does take back itself, exactly as far as it got. The section is for the rest:
 * statements of which nobody but their author knows how to undo them (a DO block, an UPDATE of values that were there).
 * It runs once, in the place of the first such step, after everything behind that step was taken back.
 *
 * A rollback may come after any step. So a statement of the section must be right whether or not the later steps ever
 * ran: a DROP says IF EXISTS, and data statements use only what is there when the first such step is done.
 */
import { columnOf, resolveTable } from '../catalog/lookup.ts';
import type { Catalog } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import type { Change } from '../operations/change.ts';
import { decodeStatement, planChange } from '../operations/index.ts';
import type { PlanContext } from '../operations/operation.ts';
import {
  outsideTransaction,
  transactional,
  undoBy,
  type StepDraft,
  type UndoAction,
} from '../operations/step-draft.ts';
import type { SqlStatement } from '../sql/parse.ts';
import type { SettledDraft } from './annotate.ts';
import type { MigrationFile } from './migration-file.ts';
import { directivesOf } from './plan-directives.ts';

export type RollbackSection = {
  readonly file: MigrationFile;
  readonly statements: readonly SqlStatement[];
  /** The schema once the step is done. */
  readonly catalogAfter: (draft: StepDraft) => Catalog;
};

export type WithRollback = { readonly drafts: readonly SettledDraft[]; readonly notes: readonly string[] };

/** In the order in which they run. */
export function withRollbackSection(drafts: readonly SettledDraft[], section: RollbackSection): WithRollback {
  if (section.statements.length === 0) return { drafts, notes: [] };
  const needsIt = ({ draft }: SettledDraft) => draft.phase !== 'contract' && draft.undo.kind === 'impossible';
  const first = drafts.find(needsIt);
  if (first === undefined) {
    return {
      drafts,
      notes: ['The rollback section is not needed: all that happens before contract is taken back by the plan itself.'],
    };
  }
  const catalog = section.catalogAfter(first.draft);
  const undo = undoBy(...section.statements.flatMap((statement) => actionsOf(statement, catalog, section.file)));
  const mine = 'Taken back by the rollback section, together with the others of which this is said.';
  return {
    drafts: drafts.map((settled) =>
      needsIt(settled)
        ? {
            ...settled,
            draft: {
              ...settled.draft,
              undo: settled === first ? undo : { kind: 'nothing' as const },
              notes: [...settled.draft.notes, mine],
            },
          }
        : settled,
    ),
    notes: [],
  };
}

function actionsOf(statement: SqlStatement, catalog: Catalog, file: MigrationFile): readonly UndoAction[] {
  const refuse = (problem: string, hint: string) =>
    new MigrateError('CANNOT_PLAN', `${file.path}:${statement.line}: ${problem}`, {
      hint,
      details: { file: file.path, line: statement.line, migration: file.name },
    });
  const asWritten = statement.directives.some(({ kind }) => kind === 'raw');
  const changes = decodeStatement(statement);
  for (const change of asWritten ? [] : changes) {
    const problem = intolerance(change, catalog);
    if (problem !== null) throw refuse(problem.message, problem.hint);
  }
  const [change] = changes;
  if (change?.kind === 'raw' && change.outsideTransaction) return [outsideTransaction(statement.text, null)];
  if (changes.length !== 1 || change === undefined || asWritten || !planned.has(change.kind))
    return [transactional(statement.text)];
  const directives = directivesOf(statement.directives);
  const never = () => false;
  const ofFile = { migration: file.name, directives, isNew: never, isNewColumn: never, isSmall: never };
  const context: PlanContext = { catalog, ...ofFile, companions: [], earliest: 'expand' };
  return planChange(change, context).flatMap(({ run }) => (run.kind === 'gate' ? [] : [run]));
}

/** Kinds that take long on a large table, and that the operation knows how to do beside readers and writers. */
const planned: ReadonlySet<Change['kind']> = new Set(['change_rows', 'create_index', 'drop_index']);

type Intolerance = { readonly message: string; readonly hint: string };

/** Why the statement would fail after a rollback from some step; null when it would not, as far as that can be seen. */
function intolerance(change: Change, catalog: Catalog): Intolerance | null {
  if (change.kind === 'transaction_control' || change.kind === 'set_session') {
    return {
      message: `“${change.sql}” has no place in the rollback section: each of its statements has a transaction of its own.`,
      hint: 'Remove it.',
    };
  }
  if ('ifExists' in change && !change.ifExists) {
    return {
      message: `“${change.sql}” fails when what it drops was not made yet, and a rollback may come after any step.`,
      hint: 'Write it with IF EXISTS.',
    };
  }
  if (change.kind === 'change_rows' && catalog.uncertain.length === 0) {
    const table = resolveTable(catalog, change.table);
    const missing = table === null ? change.table.name : change.assigned.find((name) => columnOf(table, name) === null);
    if (missing === undefined) return null;
    return {
      message: `“${change.sql}” uses ${missing}, which is gone by then: the section runs after everything was taken back that came behind the first statement it is for.`,
      hint: `Move the statement that makes ${missing} above the first statement that only the rollback section can take back.`,
    };
  }
  return null;
}
