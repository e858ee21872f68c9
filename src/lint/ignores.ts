/**
 * `-- migrate:ignore <rule> -- <reason>` above or inside a statement silences one rule for that statement. One that
 * silences nothing is reported: it is a leftover, or it stands above the wrong statement, and it would hide the next
 * finding that comes there.
 */
import { closestName } from '../closest-name.ts';
import { noUnusedIgnore } from './built-in-rules.ts';
import { linterWith, namesOf, ownRules } from './compat/counterparts.ts';
import type { OtherComments } from './compat/other-comments.ts';
import type { OtherLinter } from './compat/rule-names.ts';
import type { PlacedDirective } from '../sql/directives.ts';
import type { SqlStatement } from '../sql/parse.ts';
import type { Finding } from './finding.ts';
import type { Extent } from './sql-text.ts';
import { severityOf, type FileTask } from './task.ts';
import { textFinding } from './text-findings.ts';

/** The statement's findings that nobody ignores, and the ignores that ignored none. */
export function judgeIgnores(task: FileTask, statement: SqlStatement, found: readonly Finding[]): readonly Finding[] {
  const ignores = statement.directives.filter((directive) => directive.kind === 'ignore');
  if (ignores.length === 0) return found;
  const ignored = new Set(ignores.flatMap(({ rule }) => meant(task, rule)));
  const silenced = new Set(found.filter(({ rule }) => ignored.has(rule)).map(({ rule }) => rule));
  return [
    ...found.filter(({ rule }) => !ignored.has(rule)),
    ...ignores
      .filter(({ rule }) => !meant(task, rule).some((own) => silenced.has(own)))
      .flatMap(({ rule, line }) =>
        unused(task, rule, commentExtent(task.file.source, line), statement.text, 'This ignore silences nothing'),
      ),
  ];
}

/** Ignores behind the last statement of a file or of a section. */
export function danglingIgnores(task: FileTask, dangling: readonly PlacedDirective[]): readonly Finding[] {
  return dangling.flatMap((placed) =>
    placed.directive.kind === 'ignore'
      ? unused(task, placed.directive.rule, placed, '', 'No statement follows this ignore')
      : [],
  );
}

/** What is wrong with comments of another linter. One that silences nothing here may still silence that linter. */
export function otherProblems(task: FileTask, linter: OtherLinter, { problems }: OtherComments): readonly Finding[] {
  return problems.flatMap(({ at, name }) => {
    const close = name === null ? null : closestName(name, namesOf(linter));
    const guess = close === null ? '' : ` Did you mean ${close}?`;
    const message =
      name === null
        ? `This comment for ${linter} names no rule, so it silences nothing.`
        : `${linter} has no rule ${name}, so this silences nothing.${guess}`;
    return textFinding(task, noUnusedIgnore, at, { statement: '', message });
  });
}

/** Our rules for the name that an ignore gives. */
function meant({ compat }: FileTask, name: string): readonly string[] {
  return (compat === null ? null : ownRules(compat, name)) ?? [name];
}

function unused(task: FileTask, id: string, at: Extent, statement: string, problem: string): readonly Finding[] {
  const own = meant(task, id);
  const rules = task.rules.filter((candidate) => own.includes(candidate.id));
  if (rules.length === 0 && own.length > 0) {
    const close = closestName(
      id,
      task.rules.map((candidate) => candidate.id),
    );
    const owner = linterWith(id);
    const guess =
      owner !== null
        ? ` ${owner} has one: --compat ${owner} knows its names.`
        : close === null
          ? ''
          : ` Did you mean ${close}?`;
    return textFinding(task, noUnusedIgnore, at, { statement, message: `There is no rule ${id}.${guess}` });
  }
  // A rule that is off finds nothing; whoever turns it on again may need the comment.
  if (rules.every((rule) => severityOf(task, rule) === 'off')) return [];
  return textFinding(task, noUnusedIgnore, at, {
    statement,
    message: `${problem}: ${id} finds nothing here. Remove the comment.`,
  });
}

/** The comment on a line (1-based). */
function commentExtent(source: string, line: number): Extent {
  let start = 0;
  for (let left = line - 1; left > 0; left -= 1) start = source.indexOf('\n', start) + 1;
  const text = source.slice(start).split(/\r?\n/, 1)[0] ?? '';
  const at = Math.max(0, text.search(/--\s*migrate:/i));
  return { start: start + at, end: start + text.trimEnd().length };
}
