/** SQL as it is shown to a person: what stands in a file, and what belongs into a later one. */
import type { SqlFragment } from '../sql/template.ts';

/** Statements as they stand in a file: each on a line of its own, with its semicolon. Comment lines have none. */
export function script(...lines: readonly (string | SqlFragment)[]): string {
  return lines
    .map((line) => (typeof line === 'string' ? line : line.text))
    .map((line) => (line.startsWith('--') ? line : `${line};`))
    .join('\n');
}

/** The same statements as comments: what belongs into a later migration. */
export function later(...statements: readonly (string | SqlFragment)[]): readonly string[] {
  return script(...statements)
    .split('\n')
    .map((line) => `--   ${line}`);
}
