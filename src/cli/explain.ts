/** `migrate explain <rule>`: the rule's own page, which is also its test; without a rule, the list of them. */
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { exitCodes, type ExitCode } from '../errors.ts';
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
  const { explainRule, rules } = await import('../index.ts');
  const [wanted] = call.args;
  if (wanted === undefined) {
    const width = Math.max(...rules.map((rule) => rule.id.length));
    const lines = rules.map((rule) => `  ${call.look.paint.bold(rule.id.padEnd(width))}  ${rule.severity}`);
    call.print(`${lines.join('\n')}\n`);
    call.result(rules.map(({ id, severity, set, summary }) => ({ id, severity, set, summary })));
    return exitCodes.done;
  }
  const page = explainRule(wanted, await readPages());
  call.print(markdownText(page, call.look));
  const rule = rules.find((candidate) => candidate.id === wanted);
  call.result({ id: wanted, severity: rule?.severity ?? null, set: rule?.set ?? null, page });
  return exitCodes.done;
}

/** The pages that the package ships, by rule. */
async function readPages(): Promise<ReadonlyMap<string, string>> {
  const folder = path.join(path.dirname(createRequire(import.meta.url).resolve('onward/package.json')), 'rules');
  const entries = await fs.readdir(folder, { withFileTypes: true });
  const ids = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return new Map(
    await Promise.all(
      ids.map(async (id) => [id, await fs.readFile(path.join(folder, id, 'README.md'), 'utf8')] as const),
    ),
  );
}
