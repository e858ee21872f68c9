/**
 * `-- migrate:ignore <rule> -- <reason>` above or inside a statement silences one rule for that statement. One that
 * silences nothing is reported: it is a leftover, or it stands above the wrong statement, and it would hide the next
 * finding that comes there.
 */
import { closestName } from '../closest-name.ts';
import { noUnusedIgnore } from './built-in-rules.ts';
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
  const ignored = new Set(ignores.map(({ rule }) => rule));
  const silenced = new Set(found.filter(({ rule }) => ignored.has(rule)).map(({ rule }) => rule));
  return [
    ...found.filter(({ rule }) => !ignored.has(rule)),
    ...ignores
      .filter(({ rule }) => !silenced.has(rule))
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

function unused(task: FileTask, id: string, at: Extent, statement: string, problem: string): readonly Finding[] {
  const rule = task.rules.find((candidate) => candidate.id === id);
  if (rule === undefined) {
    const close = closestName(
      id,
      task.rules.map((candidate) => candidate.id),
    );
    const guess = close === null ? '' : ` Did you mean ${close}?`;
    return textFinding(task, noUnusedIgnore, at, { statement, message: `There is no rule ${id}.${guess}` });
  }
  // A rule that is off finds nothing; whoever turns it on again may need the comment.
  if (severityOf(task, rule) === 'off') return [];
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
