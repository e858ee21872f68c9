/** `migrate completion`: a script that teaches a shell the verbs and their options. */
import { exitCodes, MigrateError, type ExitCode } from '../errors.ts';
import type { Call, Verb } from './call.ts';

export const completionVerb: Verb = {
  name: 'completion',
  arguments: '<shell>',
  summary: 'verbs and options at the Tab key: bash, zsh, fish',
  description:
    'Print a script that completes verbs, options and their values. It is made from the verbs of this version.',
  options: [],
  examples: [
    ['source <(migrate completion bash)', 'in ~/.bashrc'],
    ['source <(migrate completion zsh)', 'in ~/.zshrc, after compinit'],
    ['migrate completion fish | source', 'in ~/.config/fish/config.fish'],
  ],
  run: runCompletion,
};

async function runCompletion(call: Call): Promise<ExitCode> {
  const [shell] = call.args;
  const script = await scriptOf(shell ?? '');
  call.terminal.out.write(script);
  return exitCodes.done;
}

async function scriptOf(shell: string): Promise<string> {
  // Not at the top: this verb is one of the verbs.
  const { verbs } = await import('./verbs.ts');
  const { globalOptions } = await import('./global-options.ts');
  const { completedOption, completedVerb } = await import('./completion/grammar.ts');
  const known = verbs.map(completedVerb);
  const everywhere = [...globalOptions, { flags: '-h, --help', text: 'print the help' }].map(completedOption);
  switch (shell) {
    case 'bash':
      return (await import('./completion/bash.ts')).bashCompletion(known, everywhere);
    case 'zsh':
      return (await import('./completion/zsh.ts')).zshCompletion(known, everywhere);
    case 'fish':
      return (await import('./completion/fish.ts')).fishCompletion(known, everywhere);
    default:
      throw new MigrateError('BAD_USAGE', `There is no completion for "${shell}".`, {
        hint: 'There is one for bash, zsh and fish.',
      });
  }
}
