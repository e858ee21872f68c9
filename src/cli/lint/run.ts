/** What `migrate lint` does: reads the files, lints them, writes what was found, and says so with its exit code. */
import path from 'node:path';
import { exitCodes, MigrateError, type ExitCode } from '../../errors.ts';
import type { FixInput, LintFile, LintInput, LintResult, MigrationFile, MigrationTool, Rule } from '../../index.ts';
import type { FindingsFormat } from '../../report/findings-formats.ts';
import { count } from '../../report/wrap.ts';
import { hasFlag, numberFlag, textFlag, type Call } from '../call.ts';
import { baselineFile, updateBaseline, withoutKnown, type Judged } from './baseline.ts';
import { changedFiles, type Changes } from './changed-files.ts';
import { configuredOptions } from './configured-options.ts';
import { fixChoice, tellFixes, withoutRefused, type FixChoice } from './fix.ts';
import { chosenTool, lintInputs } from './inputs.ts';
import { lintPlanned } from './planned.ts';
import { overridesFor, withOverrides } from './overrides.ts';
import { chosenFormat, remark, writeFindings } from './output.ts';
import { isOn, ruleLevels, withLevels } from './rule-levels.ts';
import { ruleNames } from './rule-names.ts';

type Input = MigrationFile & LintFile;

export async function runLint(call: Call): Promise<ExitCode> {
  const format = chosenFormat(call);
  const baseline = baselineFile(call);
  const { lint } = await import('../../index.ts');
  const names = await ruleNames(call);
  const { rules, compat } = names;
  const levels = ruleLevels(call, names);
  const tool = await chosenTool(call);
  const levelsOf = await overridesFor(call, names);
  const inputs = (await lintInputs(call, tool)).map((file: Input) => withOverrides(file, levelsOf));
  const changes = await changesOf(call, inputs);
  const all = changes === null ? inputs : await marked(inputs, changes);
  const given = hasLiveSchema(call) ? all.filter(({ isShipped }) => isShipped !== true) : all;
  const options = {
    ...levels,
    ...(compat === null ? {} : { compat }),
    ...(await schemaOptions(call)),
    ...(changes === null ? {} : { history: [] }),
  };
  const paths = given.map((file) => file.path);
  if (hasFlag(call.own, 'planned')) return planned(call, format, given, options, rules);
  const choice = await fixChoice(call, paths, changes);
  const files: readonly LintFile[] =
    choice === null ? given : await fixed(call, format, choice, { ...options, files: given, tool });
  const found = await lint({ ...options, files });
  const linted = files.filter(({ isShipped }) => isShipped !== true);
  const judged: Judged = {
    files: linted.map((file) => file.path),
    isOn: (rule, file) => isOn(withLevels(levels, levelsOf(file)), rules, rule),
  };
  if (baseline !== null && hasFlag(call.own, 'updateBaseline')) {
    call.print(await updateBaseline(baseline, found, judged, call.flags.dryRun === true));
    call.result({ baseline, findings: found.findings.length });
    return exitCodes.done;
  }
  const comparison = baseline === null ? null : await withoutKnown(baseline, found, judged);
  const result: LintResult = comparison === null ? found : { ...found, findings: comparison.fresh };
  const sources = new Map(linted.map((file) => [file.path, file.source]));
  writeFindings(call, format, { result, sources, rules });
  if (changes !== null && linted.length === 0) remark(call, format, `No migration differs from ${changes.ref}.`);
  if (baseline !== null && comparison !== null) {
    const { known, fixed } = comparison;
    if (known.length > 0) remark(call, format, `${count(known.length, 'known finding')} of ${baseline} left out.`);
    if (fixed.length > 0) {
      const entries = `${count(fixed.length, 'entry', 'entries')} of ${baseline} ${fixed.length === 1 ? 'is' : 'are'}`;
      const update = `migrate lint --baseline ${baseline} --update-baseline`;
      remark(call, format, `${entries} fixed. To take them out: ${update}`);
    }
  }
  return exitCodeOf(call, result);
}

/** The findings about the steps of the plan; they have no lines in a file, so neither a fix nor a baseline has a place. */
async function planned(
  call: Call,
  format: FindingsFormat,
  files: readonly Input[],
  options: Omit<LintInput, 'files'>,
  rules: readonly Rule[],
): Promise<ExitCode> {
  const { result, sources } = await lintPlanned(call, files, options);
  writeFindings(call, format, { result, sources, rules });
  return exitCodeOf(call, result);
}

/** The version, the live schema and who opens transactions and sets timeouts. */
async function schemaOptions(call: Call): Promise<Omit<LintInput, 'files'>> {
  const { readCatalog } = await import('../../index.ts');
  const mode = textFlag(call.own, 'transaction');
  const url = call.flags.databaseUrl;
  const pgVersion = numberFlag(call.own, 'pgVersion') ?? call.config.pgVersion;
  return {
    ...configuredOptions({ ...call.config, pgVersion }),
    ...(mode === 'per-file' || mode === 'none' ? { transactionMode: mode } : {}),
    // Only when it was asked for: a linter that finds DATABASE_URL in the environment must not call a server.
    ...(url === undefined ? {} : { catalog: await readCatalog({ databaseUrl: url }) }),
  };
}

/** A live schema has what shipped; folding that once more would make every table a new one. A plan needs it all the same. */
function hasLiveSchema(call: Call): boolean {
  return call.flags.databaseUrl !== undefined && !hasFlag(call.own, 'planned');
}

/** The files with what could be fixed, which is written unless it is a trial. */
async function fixed(
  call: Call,
  format: FindingsFormat,
  { isDry, mayFix, kept }: FixChoice,
  input: Omit<FixInput, 'tool' | 'mayFix'> & { readonly tool: MigrationTool | null },
): Promise<readonly LintFile[]> {
  const { proposeFixes, writeFixes } = await import('../../index.ts');
  const { tool, ...rest } = input;
  const fixes = await proposeFixes({ ...rest, mayFix, ...(tool === null ? {} : { tool }) });
  const late = isDry ? [] : await writeFixes(fixes.proposals);
  const refusals = [...fixes.refusals, ...late, ...kept];
  tellFixes(call, format, { proposals: withoutRefused(fixes.proposals, late), refusals }, isDry);
  return late.length === 0 ? fixes.files : input.files;
}

/** What differs from the ref; null when that was not asked for. */
async function changesOf(call: Call, files: readonly MigrationFile[]): Promise<Changes | null> {
  const wanted = call.own['changed'];
  if (wanted === undefined) return null;
  if (call.args.includes('-')) {
    throw new MigrateError('BAD_USAGE', '--changed asks git about files, and standard input is none.', {
      hint: 'Leave out one of the two.',
    });
  }
  const [first] = files;
  const folder = first === undefined ? call.config.dir : path.dirname(first.path);
  return changedFiles(folder, typeof wanted === 'string' ? wanted : null, call.terminal.env);
}

/** The files with those marked as shipped that do not differ. */
async function marked(files: readonly MigrationFile[], changes: Changes): Promise<readonly Input[]> {
  return Promise.all(files.map(async (file) => ({ ...file, isShipped: !(await changes.isChanged(file.path)) })));
}

function exitCodeOf(call: Call, { findings }: LintResult): ExitCode {
  const warnings = findings.filter((finding) => finding.severity === 'warning').length;
  const tooMany = warnings > (numberFlag(call.own, 'maxWarnings') ?? Number.POSITIVE_INFINITY);
  const failed = tooMany || findings.some((finding) => finding.severity === 'error');
  return failed ? exitCodes.failed : exitCodes.done;
}
