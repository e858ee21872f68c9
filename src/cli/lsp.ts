/** `migrate lsp`: the linter in an editor, over standard input and output. */
import { exitCodes, type ExitCode } from '../errors.ts';
import { onwardVersion } from '../onward-version.ts';
import type { Call, Verb } from './call.ts';
import { configuredOptions } from './lint/configured-options.ts';
import { chosenTool } from './lint/inputs.ts';
import { overridesFor } from './lint/overrides.ts';
import { ruleLevels } from './lint/rule-levels.ts';
import { ruleNames } from './lint/rule-names.ts';
import { loadConfig } from './load-config.ts';
import { rulePages } from './rule-pages.ts';

export const lspVerb: Verb = {
  name: 'lsp',
  summary: 'the linter in your editor (a language server)',
  description:
    'A language server over standard input and output: findings as you type, quick fixes, and what a statement locks ' +
    'when you point at it. Editors start it themselves; docs/editors.md says how to set them up.',
  options: [{ flags: '--stdio', text: 'how editors ask for standard input and output; there is no other way' }],
  examples: [['migrate lsp --stdio', 'what an editor is told to start']],
  run: runLsp,
};

async function runLsp(call: Call): Promise<ExitCode> {
  const [{ createConnection }, { serveLanguage }, { explainRule }] = await Promise.all([
    import('vscode-languageserver/node'),
    import('../lsp/server.ts'),
    import('../index.ts'),
  ]);
  let pages: ReturnType<typeof rulePages> | undefined; // read when the first one is asked for
  await serveLanguage({
    connection: createConnection(process.stdin, process.stdout),
    version: onwardVersion,
    settings: async () => {
      const config = await loadConfig(call.flags, call.terminal);
      const configured = { ...call, config };
      const names = await ruleNames(configured);
      return {
        dir: config.dir,
        values: config.values,
        tool: await chosenTool(configured),
        severitiesOf: await overridesFor(configured, names),
        ...ruleLevels(configured, names),
        ...configuredOptions(config),
        ...(names.compat === null ? {} : { compat: names.compat }),
      };
    },
    page: async (rule) => explainRule(rule, await (pages ??= rulePages())),
    enter: (folder) => {
      process.chdir(folder);
    },
  });
  return exitCodes.done;
}
