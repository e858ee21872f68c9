/** `migrate explain <rule>`: the rule's own page, which is also its test; without a rule, the list of them. */
import { exitCodes, type ExitCode } from '../errors.ts';
import { markdownText } from '../report/markdown-text.ts';
import type { Call, Verb } from './call.ts';
import { rulePages } from './rule-pages.ts';

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
  const page = explainRule(wanted, await rulePages());
  call.print(markdownText(page, call.look));
  const rule = rules.find((candidate) => candidate.id === wanted);
  call.result({ id: wanted, severity: rule?.severity ?? null, set: rule?.set ?? null, page });
  return exitCodes.done;
}
