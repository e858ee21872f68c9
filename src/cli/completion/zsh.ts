/** The completion of zsh, with what each word means beside it. */
import type { CompletedOption, CompletedVerb } from './grammar.ts';

export function zshCompletion(verbs: readonly CompletedVerb[], everywhere: readonly CompletedOption[]): string {
  return `#compdef migrate onward
# zsh completion of migrate. To use it: source <(migrate completion zsh), after compinit
_migrate() {
  local -a verbs everywhere
  verbs=(
${verbs.map(({ name, text }) => `    ${quoted(`${name}:${text}`)}`).join('\n')}
  )
  everywhere=(
${everywhere
  .flatMap(specs)
  .map((spec) => `    ${spec}`)
  .join('\n')}
  )
  local context state state_descr line
  typeset -A opt_args
  _arguments -C $everywhere '1: :->verb' '*:: :->rest'
  case $state in
    verb) _describe verb verbs ;;
    rest)
      case $words[1] in
${verbs.map((verb) => `        ${verb.name}) _arguments ${[...verb.options.flatMap(specs), '$everywhere', ...argumentSpec(verb)].join(' ')} ;;`).join('\n')}
      esac ;;
  esac
}
compdef _migrate migrate onward
`;
}

function specs({ names, text, value }: CompletedOption): readonly string[] {
  const action = value === null ? '' : value === 'file' ? ':value:_files' : `:value:(${value.join(' ')})`;
  const said = text.replaceAll('[', '(').replaceAll(']', ')'); // brackets end a description
  return names.map((name) => quoted(`${name}[${said}]${action}`));
}

function argumentSpec({ argument }: CompletedVerb): readonly string[] {
  if (argument === null) return [];
  return [argument === 'file' ? "'*:file:_files'" : quoted(`1:shell:(${argument.join(' ')})`)];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
