/** The completion of bash: one function, with the words in it. Works without the package bash-completion. */
import type { CompletedOption, CompletedVerb } from './grammar.ts';

export function bashCompletion(verbs: readonly CompletedVerb[], everywhere: readonly CompletedOption[]): string {
  const flags = (options: readonly CompletedOption[]): string => options.flatMap(({ names }) => names).join(' ');
  const values = (options: readonly CompletedOption[], scope: string): readonly string[] =>
    options.flatMap(({ names, value }) =>
      value === null
        ? []
        : [
            `    ${names.map((name) => `${scope}${name}`).join('|')}) ${value === 'file' ? files : words(value.join(' '))}; return ;;`,
          ],
    );
  return `# bash completion of migrate. To use it: source <(migrate completion bash)
_migrate() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} verb= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${verbs.map(({ name }) => name).join('|')}) verb=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $verb:$before in
${verbs.flatMap(({ name, options }) => values(options, `${name}:`)).join('\n')}
${values(everywhere, '*:').join('\n')}
  esac
  if [[ $word == -* ]]; then
    case $verb in
${verbs.map(({ name, options }) => `      ${name}) ${words(flags([...options, ...everywhere]))} ;;`).join('\n')}
      *) ${words(flags(everywhere))} ;;
    esac
    return
  fi
  case $verb in
    '') ${words(verbs.map(({ name }) => name).join(' '))} ;;
${verbs.flatMap(({ name, argument }) => (argument === null ? [] : [`    ${name}) ${argument === 'file' ? files : words(argument.join(' '))} ;;`])).join('\n')}
  esac
}
complete -o filenames -F _migrate migrate onward
`;
}

const files = 'COMPREPLY=($(compgen -f -- "$word"))';

function words(list: string): string {
  return `COMPREPLY=($(compgen -W '${list}' -- "$word"))`;
}
