/**
 * "When nothing uses it any more": how a person says that a statement runs after the old application version is gone.
 * `migrate:phase contract` is a comment, so every other tool runs the statement as before; the linter takes it as said.
 */
import type { SqlFragment } from '../sql/template.ts';
import type { Suggestion } from './finding.ts';

/** The statements in a migration of their own, each below its mark. `before` are statements for the present one. */
export function afterDeploy(
  text: string,
  statements: readonly (string | SqlFragment)[],
  before: readonly (string | SqlFragment)[] = [],
): Suggestion {
  const textOf = (each: string | SqlFragment): string => (typeof each === 'string' ? each : each.text);
  const now = before.map((each) => `${textOf(each)};`);
  const gap = before.length === 0 ? [] : ['-- In a migration that runs after the deploy:'];
  const later = statements.flatMap((each) => ['-- migrate:phase contract', `${textOf(each)};`]);
  return { text, sql: [...now, ...gap, ...later].join('\n') };
}
