/** `migrate lint`: what the migrations would do to a busy database, without touching one. */
import type { Verb } from './call.ts';
import { lintOptions } from './lint/options.ts';

export const lintVerb: Verb = {
  name: 'lint',
  arguments: '[files...]',
  summary: 'say what would hurt, and what to write instead',
  description:
    'Say what each statement locks, who waits for it, and what to write instead. Without files, the migrations folder. ' +
    'With --database-url, the live schema and its table sizes are taken into account. The set of rules is chosen with ' +
    '--set recommended, strict or all.',
  options: lintOptions,
  examples: [
    ['migrate lint', 'every file of the migrations folder'],
    ["migrate lint 'migrations/0007_*.sql'", 'some files'],
    ['git show HEAD:migrations/0007_a.sql | migrate lint - --stdin-filename 0007_a.sql', 'from a pipe'],
    ['migrate lint --set strict --rule no-cascade=warning', 'more rules, and one of them less severe'],
    ['migrate lint --format github', 'in a workflow: beside the lines of the pull request'],
  ],
  run: async (call) => (await import('./lint/run.ts')).runLint(call),
};
