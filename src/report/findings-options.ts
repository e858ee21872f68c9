/** What a report of findings is given beside them, and the words that several of them use. */
import type { Finding } from '../lint/finding.ts';
import type { Rule } from '../lint/rule.ts';
import type { Look } from './paint.ts';

export type FindingsOptions = Look & {
  /** The files that were linted, for the code frames. */
  readonly sources: ReadonlyMap<string, string>;
  /** A file as whoever reads the report knows it: with `/`, and relative where it can be. */
  readonly pathOf: (file: string) => string;
  readonly rules: readonly Pick<Rule, 'id' | 'severity' | 'set' | 'group' | 'summary'>[];
  /** Our own. */
  readonly version: string;
};

/** The rule, with what another linter calls it where that was asked for. */
export function ruleText({ rule, otherNames = [] }: Finding): string {
  return otherNames.length === 0 ? rule : `${rule} (${otherNames.join(', ')})`;
}

/** The message, with the size of the table where it is known. */
export function sentences({ message, size }: Finding): string {
  return size === null ? message : `${message} ${size}`;
}

/** All that a finding says, as plain text of several lines. */
export function fullText(finding: Finding): string {
  const { instead } = finding;
  return instead === null ? sentences(finding) : `${sentences(finding)}\n\n${instead.text}\n\n${instead.sql}`;
}

/** Control characters except tab and line ends, halves of surrogate pairs, and what is no character at all. */
const notText = /[^\P{Cc}\t\n\r]|\p{Cs}|[\uFFFE\uFFFF]/gu;

/** Text without what is not allowed in XML, and would do harm in a terminal or a log. */
export function withoutControls(text: string): string {
  return text.replaceAll(notText, '\uFFFD');
}
