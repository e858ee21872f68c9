/** The completion of fish: one line a word, with what it means. */
import type { CompletedOption, CompletedVerb } from './grammar.ts';

export function fishCompletion(verbs: readonly CompletedVerb[], everywhere: readonly CompletedOption[]): string {
  const names = verbs.map(({ name }) => name).join(' ');
  const lines = ['migrate', 'onward'].flatMap((program) => [
    `complete -c ${program} -f`,
    ...verbs.map(
      ({ name, text }) =>
        `complete -c ${program} -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quoted(text)}`,
    ),
    ...everywhere.map((option) => `complete -c ${program} ${optionWords(option)}`),
    ...verbs.flatMap(({ name, options, argument }) => {
      const condition = `-n '__fish_seen_subcommand_from ${name}'`;
      const argumentLine =
        argument === null
          ? []
          : [`complete -c ${program} ${condition} ${argument === 'file' ? '-F' : `-a ${quoted(argument.join(' '))}`}`];
      return [
        ...options.map((option) => `complete -c ${program} ${condition} ${optionWords(option)}`),
        ...argumentLine,
      ];
    }),
  ]);
  return `# fish completion of migrate. To use it: migrate completion fish | source\n${lines.join('\n')}\n`;
}

function optionWords({ names, text, value }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const takes = value === null ? [] : value === 'file' ? ['-r', '-F'] : ['-x', '-a', quoted(value.join(' '))];
  return [...flags, ...takes, '-d', quoted(text)].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
