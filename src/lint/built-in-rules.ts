/**
 * Findings that the engine makes itself, because they are about the text and not about a change. They have an id and a
 * severity like every rule, so that they can be configured and explained like one.
 */
import type { Rule } from './rule.ts';

function builtIn(id: string, severity: Rule['severity'], summary: string): Rule {
  return {
    id,
    severity,
    set: 'recommended',
    group: 'correctness',
    summary,
    kinds: [],
    severityOnSmallTable: null,
    check: () => null,
  };
}

export const noSyntaxError = builtIn(
  'no-syntax-error',
  'error',
  'A statement that the grammar of Postgres refuses, or a directive that is written wrongly.',
);

export const noUnusedIgnore = builtIn(
  'no-unused-ignore',
  'warning',
  'An ignore comment that silences nothing, or names a rule that does not exist.',
);

export const noOpaqueStatement = builtIn(
  'no-opaque-statement',
  'info',
  'A statement whose effects cannot be told from its text, so that it was not checked.',
);

export const builtInRules: readonly Rule[] = [noSyntaxError, noUnusedIgnore, noOpaqueStatement];
