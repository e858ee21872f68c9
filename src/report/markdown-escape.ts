/** Text of other people inside Markdown: a name stays a name, whatever signs are in it. */
import { withoutControls } from './findings-options.ts';

/** Text on one line that is no markup, mentions nobody and refers to no issue: `_old_` is a name, and so is `@team`. */
export function escapedMarkdown(text: string): string {
  return (
    withoutControls(text)
      .replaceAll(/[\r\n]+/g, ' ')
      .replaceAll(/[\\`*_{}[\]<>|~&#]/g, '\\$&')
      // A backslash does not stop a mention: that is looked for in what was made of the Markdown.
      .replaceAll(/[@#](?=\w)/g, '$&<!-- -->')
  );
}

/** For a line or a cell of a table; `|` would end the cell even here. */
export function markdownCode(text: string): string {
  const quotes = '`'.repeat(longestRun(text) + 1);
  const onOneLine = withoutControls(text).replaceAll(/[\r\n]+/g, ' ');
  return `${quotes}${text.startsWith('`') ? ' ' : ''}${onOneLine}${text.endsWith('`') ? ' ' : ''}${quotes}`;
}

export function fencedSql(sql: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(sql) + 1));
  return `${fence}sql\n${withoutControls(sql)}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
