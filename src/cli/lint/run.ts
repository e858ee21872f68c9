/** What `migrate lint` does: reads the files, lints them, writes what was found, and says so with its exit code. */
import { exitCodes, type ExitCode } from '../../errors.ts';
import type { LintResult } from '../../index.ts';
import { numberFlag, textFlag, type Call } from '../call.ts';
import { lintInputs } from './inputs.ts';
import { chosenFormat, writeFindings } from './output.ts';
import { ruleLevels } from './rule-levels.ts';

export async function runLint(call: Call): Promise<ExitCode> {
  const format = chosenFormat(call);
  const library = await import('../../index.ts');
  const levels = ruleLevels(
    call,
    library.rules.map(({ id }) => id),
  );
  const files = await lintInputs(call);
  const mode = textFlag(call.own, 'transaction');
  const url = call.flags.databaseUrl;
  const version = numberFlag(call.own, 'pgVersion') ?? call.config.pgVersion;
  const result = await library.lint({
    files,
    ...levels,
    ...(version === null ? {} : { version }),
    ...(mode === 'per-file' || mode === 'none' ? { transactionMode: mode } : {}),
    ...(call.config.timeouts === null ? {} : { timeouts: call.config.timeouts }),
    // Only when it was asked for: a linter that finds DATABASE_URL in the environment must not call a server.
    ...(url === undefined ? {} : { catalog: await library.readCatalog({ databaseUrl: url }) }),
  });
  const sources = new Map(files.map((file) => [file.path, file.source]));
  writeFindings(call, format, { result, sources, rules: library.rules });
  return exitCodeOf(call, result);
}

function exitCodeOf(call: Call, { findings }: LintResult): ExitCode {
  const warnings = findings.filter((finding) => finding.severity === 'warning').length;
  const tooMany = warnings > (numberFlag(call.own, 'maxWarnings') ?? Number.POSITIVE_INFINITY);
  const failed = tooMany || findings.some((finding) => finding.severity === 'error');
  return failed ? exitCodes.failed : exitCodes.done;
}
