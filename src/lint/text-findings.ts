/** Findings about the text of a file: what does not parse, what was not checked, and what its very words are about. */
import { noOpaqueStatement, noSyntaxError } from './built-in-rules.ts';
import type { Catalog } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import type { SqlStatement } from '../sql/parse.ts';
import type { Finding, Suggestion } from './finding.ts';
import type { Problem } from './lenient-parse.ts';
import { place } from './lint-file.ts';
import type { Rule } from './rule.ts';
import { rulesOfStatements } from './rules-by-kind.ts';
import type { Extent } from './sql-text.ts';
import { severityOf, type FileTask } from './task.ts';

/** A finding of the engine's own; none when its rule is off. */
export function textFinding(
  task: FileTask,
  rule: Rule,
  at: Extent,
  about: Pick<Finding, 'message' | 'statement'> & { readonly instead?: Suggestion | null },
): readonly Finding[] {
  const severity = severityOf(task, rule);
  if (severity === 'off') return [];
  return [{ ...place(task.file, at), rule: rule.id, severity, instead: null, ...about, fix: null, size: null }];
}

/** What rules find in the words of a statement. */
export function statementFindings(task: FileTask, statement: SqlStatement, catalog: Catalog): readonly Finding[] {
  const context = { statement, catalog, version: catalog.version };
  return rulesOfStatements(task.rules)
    .filter((rule) => severityOf(task, rule) !== 'off')
    .flatMap((rule) =>
      (rule.checkStatement?.(context) ?? []).flatMap(({ at, message, instead }) =>
        textFinding(task, rule, at ?? statement, { statement: statement.text, message, instead: instead ?? null }),
      ),
    );
}

export function problemFindings(task: FileTask, problems: readonly Problem[]): readonly Finding[] {
  return problems.flatMap((problem) => {
    const text = problem.text.replace(/\.$/, '');
    const statement = task.file.source.slice(problem.piece.start, problem.piece.end);
    if (problem.kind === 'statement') {
      const broken = { text: statement, complaint: text };
      for (const rule of task.rules) {
        const report = rule.checkBroken?.(broken) ?? null;
        if (report === null || severityOf(task, rule) === 'off') continue;
        return textFinding(task, rule, problem, {
          statement,
          message: report.message,
          instead: report.instead ?? null,
        });
      }
    }
    return textFinding(
      task,
      noSyntaxError,
      problem,
      problem.kind === 'directive'
        ? { statement, message: `This directive is not understood: ${text}.`, instead: correctDirective(problem.hint) }
        : {
            statement,
            message: `Postgres cannot parse this statement: ${text}. The rest of the file was checked without it.`,
          },
    );
  });
}

/** The reader of directives tells what to write as `Write: -- migrate:…`. */
function correctDirective(hint: string | null): Suggestion | null {
  const sql = /^Write: (--.*)$/s.exec(hint ?? '')?.[1];
  return sql === undefined ? null : { text: 'Write:', sql };
}

/** What runs statements of its own, which nobody sees from outside. */
const opaque: ReadonlySet<string> = new Set(['DO block', 'CALL']);

export function opaqueFinding(task: FileTask, statement: SqlStatement, change: Change): readonly Finding[] {
  if (change.kind !== 'raw' || !opaque.has(change.what)) return [];
  return textFinding(task, noOpaqueStatement, statement, {
    statement: statement.text,
    message: `What this ${change.what} does cannot be told from its text: nobody knows what it locks, and for how long.`,
  });
}

/** Our own failure on a statement: it is told, and the other statements are checked all the same. */
export function uncheckedFinding(
  task: FileTask,
  statement: Extent & { readonly text: string },
  error: unknown,
): readonly Finding[] {
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return textFinding(task, noOpaqueStatement, statement, {
    statement: statement.text,
    message: `This statement was not checked, because the linter itself failed on it: ${reason.replace(/\.$/, '')}.`,
  });
}
