import { describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { explainRule } from '../../src/lint/explain.ts';

const readmes = new Map([
  ['no-set-not-null', '# no-set-not-null\n\nThe page.\n'],
  ['require-concurrent-index', '# require-concurrent-index\n'],
]);

function failure(id: string): MigrateError {
  try {
    explainRule(id, readmes);
  } catch (error) {
    if (error instanceof MigrateError) return error;
  }
  throw new Error(`${id} was explained.`);
}

describe('explaining a rule', () => {
  test('gives its page', () => {
    expect(explainRule('no-set-not-null', readmes)).toBe('# no-set-not-null\n\nThe page.\n');
  });

  test('guesses what was meant by a name that does not exist', () => {
    expect(failure('no-set-notnull')).toMatchObject({
      code: 'BAD_USAGE',
      message: 'There is no rule "no-set-notnull".',
    });
    expect(failure('no-set-notnull').hint).toMatch(/^Did you mean no-set-not-null\?/);
  });

  test('lists the rules when it cannot guess', () => {
    expect(failure('xyzzy').hint).toMatch(/^The rules are:\n {2}no-set-not-null\n/);
  });
});
