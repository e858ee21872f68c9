/** `migrate explain <rule>`: the rule's own page, which is also its test; without a rule, the list of them. */
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { didYouMean } from '../config.ts';
import { exitCodes, MigrateError, type ExitCode } from '../errors.ts';
import { markdownText } from '../report/markdown-text.ts';
import type { Call, Verb } from './call.ts';

export const explainVerb: Verb = {
  name: 'explain',
  arguments: '[rule]',
  summary: 'the page of a lint rule',
  description: 'Print the page of a lint rule. Without a rule, the list of all of them.',
  options: [],
  examples: [
    ['migrate explain', 'the rules'],
    ['migrate explain no-set-not-null', 'one of them, with bad and good SQL'],
  ],
  run: runExplain,
};

async function runExplain(call: Call): Promise<ExitCode> {
  const { rules } = await import('../index.ts');
  const [wanted] = call.args;
  if (wanted === undefined) {
    const width = Math.max(...rules.map((rule) => rule.id.length));
    const lines = rules.map((rule) => `  ${call.look.paint.bold(rule.id.padEnd(width))}  ${rule.severity}`);
    call.print(`${lines.join('\n')}\n`);
    call.result(rules.map(({ id, severity, set, summary }) => ({ id, severity, set, summary })));
    return exitCodes.done;
  }
  const rule = rules.find((candidate) => candidate.id === wanted);
  if (rule === undefined) {
    const known = rules.map((candidate) => candidate.id);
    const suggestion = didYouMean(wanted, known);
    throw new MigrateError('BAD_USAGE', `There is no rule "${wanted}".`, {
      hint: suggestion === null ? `The rules are: ${known.join(', ')}.` : `Did you mean ${suggestion}?`,
    });
  }
  const page = await readPage(rule.id);
  call.print(page === null ? `${rule.id}: ${rule.summary}\n` : markdownText(page, call.look));
  call.result({ id: rule.id, severity: rule.severity, set: rule.set, summary: rule.summary, page });
  return exitCodes.done;
}

/** Null for a rule that the engine has built in and that has no page. */
async function readPage(id: string): Promise<string | null> {
  const root = path.dirname(createRequire(import.meta.url).resolve('onward/package.json'));
  return fs.readFile(path.join(root, 'rules', id, 'README.md'), 'utf8').catch(() => null);
}
