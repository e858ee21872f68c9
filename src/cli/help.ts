/**
 * The help of the program and what stands under the help of each verb. The verbs come first and on one line each,
 * because they are what people look for; then the order in which they are used.
 */
import type { Command } from 'commander';
import type { Verb } from './call.ts';

type Row = readonly [left: string, right: string];

const order: readonly Row[] = [
  ['migrate lint', 'what would hurt, in the editor and in CI'],
  ['migrate plan', 'what will run, phase by phase, for review'],
  ['migrate expand', 'before the deploy: add what is new, fill it'],
  ['migrate contract', 'when the old version is gone: remove what is old'],
  ['migrate status', 'what to do now'],
];

const codes: readonly Row[] = [
  ['0', 'done'],
  ['1', 'failed, or lint found something'],
  ['2', 'the command, a file or a setting is wrong'],
  ['3', 'not ready: waits for a phase, a gate or another runner'],
  ['4', 'a lock was not obtained in time; nothing was changed by that step'],
  ['5', 'the folder, the plan or the schema is not what ran'],
  ['130, 143', 'interrupted; run it again to go on'],
];

export function programHelp(program: Command, verbs: readonly Verb[]): string {
  const options = program.options.map((option): Row => [option.flags, option.description]);
  return [
    'Usage: migrate <verb> [options]',
    program.description(),
    section(
      'Verbs',
      verbs.map(({ name, summary }): Row => [name, summary]),
    ),
    section('The usual order', order),
    section('Options of every verb', [...options, ['-h, --help', 'print this help, or that of a verb']]),
    section('Exit codes', codes),
    'More on a verb, with examples: migrate <verb> --help\n',
  ].join('\n\n');
}

export function commandHelp(verb: Verb): string {
  const examples = verb.examples.map(([command, text]) => `  $ ${command}\n      ${text}`);
  return `\nExamples:\n${examples.join('\n')}\n`;
}

function section(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return `${title}:\n${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')}`;
}
