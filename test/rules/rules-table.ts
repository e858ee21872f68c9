/** The table of rules in the README, between its two marks. */
import type { Rule } from '../../src/lint/rule.ts';

const startMark = '<!-- rules:start -->';
const endMark = '<!-- rules:end -->';

/** The document with the table of these rules in it; a document without the marks stays as it is. */
export function withRulesTable(document: string, rules: readonly Rule[]): string {
  const start = document.indexOf(startMark);
  const end = document.indexOf(endMark);
  if (start === -1 || end < start) return document;
  return `${document.slice(0, start + startMark.length)}\n${table(rules)}\n${document.slice(end)}`;
}

function table(rules: readonly Rule[]): string {
  const rows = rules
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, severity, set, summary }) => {
      const level = set === 'strict' ? `${severity}, strict only` : severity;
      return `| [\`${id}\`](rules/${id}/README.md) | ${level} | ${summary} |`;
    });
  return ['| rule | severity | what it is about |', '|---|---|---|', ...rows].join('\n');
}
