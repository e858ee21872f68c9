/**
 * The findings of one file, and the schema after it.
 *
 * A statement on which an operation or a rule of ours fails is reported as unchecked, and the others go on: a linter
 * that stops at the one odd statement in nine thousand files is of no use.
 */
import { resolveTable } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type Table } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import { changesInside, effectsOf } from '../operations/index.ts';
import type { Phase } from '../operations/step-draft.ts';
import type { SqlStatement } from '../sql/parse.ts';
import { forwardStatements, phaseSectionOf } from '../sql/sections.ts';
import { assumeTables } from './assumed-table.ts';
import { placedInside } from './block-statements.ts';
import { otherNames } from './compat/counterparts.ts';
import { otherComments, type OtherComments } from './compat/other-comments.ts';
import type { Finding, Fix, Severity } from './finding.ts';
import { composeFix } from './fix.ts';
import { danglingIgnores, judgeIgnores, otherProblems } from './ignores.ts';
import { parseLeniently } from './lenient-parse.ts';
import { place } from './lint-file.ts';
import { withoutOverlaps } from './overlaps.ts';
import { lookAhead, type NextLock } from './next-lock.ts';
import { advance, type Progress, type SchemaState } from './progress.ts';
import type { Report, Rule, RuleContext } from './rule.ts';
import { rulesOfKind } from './rules-by-kind.ts';
import { statementChanges, type DecodedStatement, type PlacedChange } from './statement-changes.ts';
import { isSmall, sizeText } from './table-size.ts';
import { endsTransaction, sessionStart, settingOf } from './session-state.ts';
import { severityOf, type FileTask } from './task.ts';
import { opaqueFinding, problemFindings, statementFindings, uncheckedFinding } from './text-findings.ts';
import { toldTogether, type Together } from './told-together.ts';
import { isNewColumn, isNewTable, shippedName } from './unshipped.ts';

export type FileResult = {
  readonly findings: readonly Finding[];
  readonly statements: number;
  readonly state: SchemaState;
};

/** Where a change stands among all changes of its file. */
type PlaceInFile = {
  readonly all: readonly Change[];
  readonly at: number;
  /** The first one that shares its transaction, or at least its statement. */
  readonly transactionFrom: number;
  /** Behind the last one of its statement. */
  readonly statementTo: number;
  /** What is told only once, as far as it has been told. */
  readonly told: Set<string>;
  /** Inside a block of code, whose statements share a transaction in any case. */
  readonly isInBlock: boolean;
  readonly nextLock: NextLock;
  /** What is told together at the end, as far as it has been found. */
  readonly together: Map<Finding, NonNullable<Report['together']>>;
};

export function fileFindings(task: FileTask, state: SchemaState): FileResult {
  const { file } = task;
  const { parsed, problems } = parseLeniently(file.path, file.source);
  const statements = forwardStatements(parsed);
  const findings = [...problemFindings(task, problems), ...danglingIgnores(task, parsed.danglingDirectives)];
  const decoded = statements.flatMap((statement) => decode(task, statement, findings));
  const allChanges = decoded.flatMap((one) => one.changes.map(({ change }) => change));
  const others = task.compat === null ? null : otherComments(task.compat, file.source, parsed.statements);
  const mode = others?.transactionMode ?? file.transactionMode ?? task.transactionMode;
  let progress: Progress = { ...state, session: sessionStart(mode === 'per-file'), held: [] };
  const once = { told: new Set<string>(), nextLock: lookAhead(), together: new Map(), isInBlock: false };
  let seen = 0;
  let began = 0;
  // When contract begins, the old version is gone.
  let contractTask: FileTask | null = null;
  const inContract = (): FileTask =>
    (contractTask ??= { ...task, rules: task.rules.filter(({ group }) => group !== 'old version') });
  const isContract = (statement: SqlStatement): boolean =>
    (file.phase ?? chosenPhase(statement) ?? phaseSectionOf(parsed, statement)) === 'contract';
  for (const one of decoded) {
    const found: Finding[] = [...statementFindings(task, one.statement, progress.catalog)];
    const statementFrom = seen;
    if (!progress.session.inTransaction) progress = { ...progress, held: [] };
    const ruled = isContract(one.statement) ? inContract() : task;
    for (const placed of one.changes) {
      seen += 1;
      const at = seen - 1;
      const transactionFrom = progress.session.inTransaction ? began : statementFrom;
      try {
        progress = { ...progress, ...assumeTables(progress, placed.change) };
        const statementTo = statementFrom + one.changes.length;
        const inFile: PlaceInFile = { all: allChanges, at, transactionFrom, statementTo, ...once };
        found.push(...changeFindings(ruled, one, placed, progress, inFile));
        found.push(...findingsInside(ruled, one, placed, progress, inFile));
        const { unknown } = effectsOf(placed.change, progress.catalog);
        if (unknown) found.push(...opaqueFinding(task, one.statement, placed.change));
        const { inTransaction } = progress.session;
        progress = advance(progress, placed.change);
        if (!inTransaction && progress.session.inTransaction) began = seen;
      } catch (error) {
        found.push(...uncheckedFinding(task, one.statement, error));
      }
    }
    findings.push(...withoutOverlaps(judgeIgnores(task, one.statement, found)));
  }
  const { session: _, held: __, ...after } = progress;
  return {
    findings: besidesOthers(task, findings, others, once.together).toSorted(
      (a, b) => a.line - b.line || a.column - b.column,
    ),
    statements: statements.length,
    state: after,
  };
}

/** Without what comments of another linter silence, and with its names. */
function besidesOthers(
  task: FileTask,
  findings: readonly Finding[],
  others: OtherComments | null,
  together: Together,
): readonly Finding[] {
  const { compat } = task;
  if (compat === null || others === null) return toldTogether(findings, together);
  const heard = findings.filter((finding) => !others.silences(finding));
  return [...toldTogether(heard, together), ...otherProblems(task, compat, others)].map((finding) => ({
    ...finding,
    otherNames: otherNames(compat, finding.rule),
  }));
}

/** From `migrate:phase` above the statement. */
function chosenPhase({ directives }: SqlStatement): Phase | null {
  return directives.find((directive) => directive.kind === 'phase')?.phase ?? null;
}

function decode(task: FileTask, statement: SqlStatement, findings: Finding[]): readonly DecodedStatement[] {
  try {
    return [statementChanges(statement)];
  } catch (error) {
    findings.push(...uncheckedFinding(task, statement, error));
    return [];
  }
}

function changeFindings(
  task: FileTask,
  decoded: DecodedStatement,
  placed: PlacedChange,
  progress: Progress,
  inFile: PlaceInFile,
): readonly Finding[] {
  const active = rulesOfKind(task.rules, placed.change.kind).filter((rule) => severityOf(task, rule) !== 'off');
  if (active.length === 0) return [];
  const context = contextOf(task, decoded, placed, progress, inFile);
  return active.flatMap((rule) => {
    const report = rule.check(context);
    if (report === null || isTold(inFile.told, rule, report)) return [];
    const finding = reportFinding(task, rule, report, decoded, placed, progress.catalog);
    // A fix of what is inside a block of code would have to be written into the block.
    const told = inFile.isInBlock ? { ...finding, fix: null } : finding;
    if (report.together !== undefined) inFile.together.set(told, report.together);
    return [told];
  });
}

function isTold(told: Set<string>, rule: Rule, { once }: Report): boolean {
  if (once === undefined) return false;
  const key = `${rule.id} ${once}`;
  if (told.has(key)) return true;
  told.add(key);
  return false;
}

/** What the statements inside a block of code are, each on the schema that the ones before it leave. */
function findingsInside(
  task: FileTask,
  block: DecodedStatement,
  { change: outer, ...outerPlace }: PlacedChange,
  before: Progress,
  inFile: PlaceInFile,
): readonly Finding[] {
  const inner = changesInside(outer, before.catalog);
  if (outer.kind !== 'raw' || outer.code === null || inner.length === 0) return [];
  const { all, at } = inFile;
  const inBlock: PlaceInFile = {
    ...inFile,
    all: [...all.slice(0, at), ...inner, ...all.slice(at + 1)],
    transactionFrom: before.session.inTransaction ? inFile.transactionFrom : at,
    statementTo: at + inner.length,
    isInBlock: true,
  };
  const placed = placedInside(block.statement, outer.code.parts, task.file.source, inner);
  const seen = new Set<SqlStatement>();
  let progress = before;
  return inner.flatMap((change, index) => {
    progress = { ...progress, ...assumeTables(progress, change) };
    const found = placed[index] ?? null;
    const alone = found?.decoded ?? { ...block, parts: block.parts.map((part) => ({ ...part, written: change.sql })) };
    const here = { ...inBlock, at: at + index };
    const findings = [...changeFindings(task, alone, found?.placed ?? { ...outerPlace, change }, progress, here)];
    if (found !== null && !seen.has(alone.statement)) {
      seen.add(alone.statement);
      findings.push(...statementFindings(task, alone.statement, progress.catalog));
    }
    progress = advance(progress, change);
    return findings;
  });
}

function contextOf(
  task: FileTask,
  { statement, parts }: DecodedStatement,
  { change, part, isInline }: PlacedChange,
  progress: Progress,
  inFile: PlaceInFile,
): RuleContext {
  const { catalog, unshipped, assumed, session, held } = progress;
  const { all, at } = inFile;
  const transactionTo = (): number => (session.inTransaction ? endOfTransaction(inFile) : inFile.statementTo);
  return {
    change,
    effects: effectsOf(change, catalog),
    catalog,
    statement,
    written: parts[part]?.written ?? change.sql,
    isInline,
    version: catalog.version,
    inTransaction: session.inTransaction || inFile.isInBlock,
    timeouts: task.file.timeouts ?? task.timeouts,
    setting: (name) => settingOf(session, name),
    isNew: (table) => isNewTable(unshipped, catalog, table),
    isNewColumn: (table, column) => isNewColumn(unshipped, catalog, table, column),
    table(name) {
      const table = resolveTable(catalog, name);
      return table === null || assumed.has(objectKey(table)) ? null : table;
    },
    column: (table, name) => resolveTable(catalog, table)?.columns.find((column) => column.name === name) ?? null,
    shippedName: (table) => shippedName(unshipped, catalog, table),
    held,
    nextLock: () => inFile.nextLock(progress, { all, at, to: transactionTo() }),
    preceding: () => all.slice(0, at),
    following: () => all.slice(at + 1),
    sharing: () => all.slice(inFile.transactionFrom, at),
    sharingAfter: () => all.slice(at + 1, transactionTo()),
  };
}

/** Behind the last change of the transaction. */
function endOfTransaction({ all, at }: PlaceInFile): number {
  const end = all.findIndex(
    (change, index) => index > at && change.kind === 'transaction_control' && endsTransaction(change),
  );
  return end === -1 ? all.length : end;
}

function reportFinding(
  task: FileTask,
  rule: Rule,
  report: Report,
  decoded: DecodedStatement,
  placed: PlacedChange,
  catalog: Catalog,
): Finding {
  const { statement } = decoded;
  const table = liveTable(task, placed.change, catalog);
  const small = table !== null && isSmall(table) ? rule.severityOnSmallTable : null;
  return {
    ...place(task.file, report.at ?? decoded.parts[placed.part]?.extent ?? statement),
    rule: rule.id,
    severity: configuredSeverity(task, rule) ?? small ?? report.severity ?? rule.severity,
    message: report.message,
    statement: statement.text,
    instead: report.instead ?? null,
    fix: fixOf(task, report, decoded, placed),
    size: table === null ? null : sizeText(table),
  };
}

function fixOf(task: FileTask, report: Report, decoded: DecodedStatement, placed: PlacedChange): Fix | null {
  if (report.fix === undefined) return null;
  const replacement = { statements: report.fix, replaces: report.fixReplaces ?? 'change' };
  return composeFix(decoded, placed, replacement, task.file.source);
}

/** A severity that somebody configured holds for every case of the rule. */
function configuredSeverity(task: FileTask, rule: Rule): Severity | null {
  const severity = task.severities[rule.id];
  return severity === undefined || severity === 'off' ? null : severity;
}

/** The table of the change, if a live database told its size. */
function liveTable(task: FileTask, change: Change, catalog: Catalog): Table | null {
  const name = 'table' in change ? change.table : null;
  const table = name === null ? null : resolveTable(catalog, name);
  return table !== null && task.liveTables.has(objectKey(table)) ? table : null;
}
