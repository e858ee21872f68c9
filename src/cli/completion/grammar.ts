/** What can be written on the command line, as a completion needs to know it: made from the verbs themselves. */
import type { Verb, VerbOption } from '../call.ts';

export type CompletedOption = {
  /** `--format`, and `-f` where there is one. */
  readonly names: readonly string[];
  readonly text: string;
  /** What may follow: null for nothing, words, or the names of files. */
  readonly value: null | 'file' | readonly string[];
};

export type CompletedVerb = {
  readonly name: string;
  readonly text: string;
  readonly options: readonly CompletedOption[];
  /** Words that may stand as its argument; `file` for the names of files. */
  readonly argument: null | 'file' | readonly string[];
};

export function completedOption({
  flags,
  text,
  choices,
}: Pick<VerbOption, 'flags' | 'text' | 'choices'>): CompletedOption {
  const takesValue = /[<[]/.test(flags);
  const names = flags.split(/[ ,|]+/).filter((word) => word.startsWith('-'));
  return { names, text, value: takesValue ? (choices ?? 'file') : null };
}

export function completedVerb({ name, summary, options, arguments: argument, parts = [] }: Verb): CompletedVerb {
  // Of a verb that has parts, their names come first, and after them whatever one of the parts takes.
  const all = [...options, ...parts.flatMap((part) => part.options)];
  const byFlags = new Map(all.map((option) => [option.flags, option]));
  const words = parts.length > 0 ? parts.map((part) => part.name) : name === 'completion' ? shells : null;
  return {
    name,
    text: summary,
    options: [...byFlags.values()].map(completedOption),
    argument: words ?? (argument === undefined ? null : 'file'),
  };
}

const shells = ['bash', 'zsh', 'fish'];
