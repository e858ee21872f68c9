/**
 * `--fix` and `--fix-dry-run`: which files may be written, and telling what was done.
 *
 * A migration that ran must not be edited, and a file does not say whether it did. So only files that are named, or that
 * a ref of git does not have yet, are touched.
 */
import path from 'node:path';
import { MigrateError } from '../../errors.ts';
import type { FixProposal, FixRefusal, Fixes } from '../../index.ts';
import { fixesText } from '../../report/fixes-text.ts';
import { plainLook } from '../../report/paint.ts';
import type { FindingsFormat } from '../../report/findings-formats.ts';
import { hasFlag, type Call } from '../call.ts';
import type { Changes } from './changed-files.ts';
import { namedFiles } from './inputs.ts';

export type FixChoice = {
  readonly isDry: boolean;
  readonly mayFix: (file: string) => boolean;
  /** Files that could be fixed but for the ref that has them. */
  readonly kept: readonly FixRefusal[];
};

/** Null when no fix was asked for. */
export async function fixChoice(
  call: Call,
  files: readonly string[],
  changes: Changes | null,
): Promise<FixChoice | null> {
  const isDry = hasFlag(call.own, 'fixDryRun') || call.flags.dryRun === true;
  if (!hasFlag(call.own, 'fix') && !hasFlag(call.own, 'fixDryRun')) return null;
  if (call.args.includes('-')) throw refused('Standard input cannot be written.', 'Name the file instead.');
  const named = new Set((await namedFiles(call)).map((file) => path.resolve(file)));
  if (changes === null) {
    if (named.size === 0) {
      throw refused(
        '--fix does not edit a whole folder: migrations that ran must stay as they are.',
        'Name the new files, or let git tell: migrate lint --changed --fix',
      );
    }
    return { isDry, mayFix: (file) => named.has(path.resolve(file)), kept: [] };
  }
  const added = new Set<string>();
  const kept: FixRefusal[] = [];
  for (const file of files) {
    if (await changes.isAdded(file)) added.add(file);
    else if (await changes.isChanged(file)) kept.push({ file, reason: `${changes.ref} has it, so it may have run` });
  }
  return { isDry, mayFix: (file) => added.has(file), kept };
}

export function tellFixes(
  call: Call,
  format: FindingsFormat,
  fixes: Pick<Fixes, 'proposals' | 'refusals'>,
  isDry: boolean,
): void {
  if (format === 'pretty') call.print(fixesText(fixes, isDry, call.look));
  else call.terminal.err.write(fixesText(fixes, isDry, plainLook));
}

/** The proposals that were written: not those of files that changed meanwhile. */
export function withoutRefused(
  proposals: readonly FixProposal[],
  refusals: readonly FixRefusal[],
): readonly FixProposal[] {
  const files = new Set(refusals.map(({ file }) => file));
  return proposals.filter(({ file }) => !files.has(file));
}

function refused(message: string, hint: string): MigrateError {
  return new MigrateError('BAD_USAGE', message, { hint });
}
