/** Writes the findings in the format that was asked for. What is not the report itself goes where it does not disturb it. */
import path from 'node:path';
import { MigrateError } from '../../errors.ts';
import type { LintResult, Rule } from '../../index.ts';
import { onwardVersion } from '../../onward-version.ts';
import { formatFindings, isFindingsFormat, type FindingsFormat } from '../../report/findings-formats.ts';
import { wrap } from '../../report/wrap.ts';
import { lookOf, textFlag, type Call } from '../call.ts';
import { stdinName } from './inputs.ts';

export function chosenFormat(call: Call): FindingsFormat {
  const format = textFlag(call.own, 'format');
  if (format === undefined) return call.flags.json === true ? 'json' : 'pretty';
  if (!isFindingsFormat(format) || (call.flags.json === true && format !== 'json')) {
    throw new MigrateError('BAD_USAGE', `--json and --format ${format} contradict each other.`, {
      hint: '--json is short for --format json; leave one of the two out.',
    });
  }
  return format;
}

export type Written = {
  readonly result: LintResult;
  readonly sources: ReadonlyMap<string, string>;
  readonly rules: readonly Rule[];
};

export function writeFindings(call: Call, format: FindingsFormat, { result, sources, rules }: Written): void {
  const { terminal, flags } = call;
  const text = formatFindings(format, result, {
    ...lookOf(terminal.out, flags, terminal.env),
    sources,
    rules,
    version: onwardVersion,
    pathOf: pathsFrom(rootOf(format, terminal.env)),
  });
  terminal.out.write(text);
}

/** A remark beside the report: behind it for people, on the other stream for programs. */
export function remark(call: Call, format: FindingsFormat, text: string): void {
  const { width } = lookOf(call.terminal.out, call.flags, call.terminal.env);
  const lines = `${wrap(text, width).join('\n')}\n`;
  if (format === 'pretty') call.say(lines);
  else if (call.flags.quiet !== true) call.terminal.err.write(lines);
}

/** Services want paths from the root of the repository, wherever in it the command runs. */
function rootOf(format: FindingsFormat, env: Call['terminal']['env']): string {
  const service =
    format === 'gcc' || format === 'junit' ? undefined : (env['GITHUB_WORKSPACE'] ?? env['CI_PROJECT_DIR']);
  return service === undefined || service === '' ? process.cwd() : service;
}

export function pathsFrom(root: string): (file: string) => string {
  return (file) => {
    if (file === stdinName) return file;
    const relative = path.relative(root, path.resolve(file));
    const isInside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
    return (isInside ? relative : path.resolve(file)).split(path.sep).join('/');
  };
}
