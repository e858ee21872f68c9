/** `migrate lint`: what the migrations would do to a busy database, without touching one. */
import * as fs from 'node:fs/promises';
import { exitCodes, type ExitCode } from '../errors.ts';
import { findingsDocument } from '../report/findings-json.ts';
import { findingsPretty } from '../report/findings-pretty.ts';
import { numberFlag, textFlag, wholeNumber, type Call, type Verb } from './call.ts';

export const lintVerb: Verb = {
  name: 'lint',
  arguments: '[files...]',
  summary: 'say what would hurt, and what to write instead',
  description:
    'Say what each statement locks, who waits for it, and what to write instead. Without files, the migrations folder. ' +
    'With --database-url, the live schema and its table sizes are taken into account.',
  options: [
    {
      flags: '--pg-version <version>',
      text: 'major version of the server (default: the config, else the newest)',
      parse: wholeNumber('--pg-version', 14),
    },
    { flags: '--stdin-filename <file>', text: 'the name under which standard input ("-") is reported' },
    {
      flags: '--max-warnings <n>',
      text: 'more warnings than this make the exit code 1',
      parse: wholeNumber('--max-warnings', 0),
    },
    {
      flags: '--transaction <mode>',
      text: 'whether the tool that runs the files opens one, where they do not tell',
      choices: ['per-file', 'none'],
    },
  ],
  examples: [
    ['migrate lint', 'every file of the migrations folder'],
    ['migrate lint migrations/0007_*.sql', 'some files'],
    ['git show HEAD:migrations/0007_a.sql | migrate lint - --stdin-filename 0007_a.sql', 'from a pipe'],
    ['migrate lint --json', 'findings as data'],
  ],
  run: runLint,
};

type Input = { readonly path: string; readonly source: string };

async function runLint(call: Call): Promise<ExitCode> {
  const files = await filesOf(call);
  const library = await import('../index.ts');
  const mode = textFlag(call.own, 'transaction');
  const url = call.flags.databaseUrl;
  const version = numberFlag(call.own, 'pgVersion') ?? call.config.pgVersion;
  const result = await library.lint({
    files,
    severities: call.config.rules,
    ...(version === null ? {} : { version }),
    ...(mode === 'per-file' || mode === 'none' ? { transactionMode: mode } : {}),
    // Only when it was asked for: a linter that finds DATABASE_URL in the environment must not call a server.
    ...(url === undefined ? {} : { catalog: await library.readCatalog({ databaseUrl: url }) }),
  });
  const sources = new Map(files.map((file) => [file.path, file.source]));
  call.print(findingsPretty(result, { ...call.look, sources }));
  call.result(findingsDocument(result));
  const warnings = result.findings.filter((finding) => finding.severity === 'warning').length;
  const tooMany = warnings > (numberFlag(call.own, 'maxWarnings') ?? Number.POSITIVE_INFINITY);
  const failed = tooMany || result.findings.some((finding) => finding.severity === 'error');
  return failed ? exitCodes.failed : exitCodes.done;
}

async function filesOf(call: Call): Promise<readonly Input[]> {
  const { readMigrationFile, readMigrationFiles, migrationFileOf } = await import('../index.ts');
  const { dir, values } = call.config;
  if (call.args.length === 0) return readMigrationFiles(dir, { values });
  const files: Input[] = [];
  for (const argument of call.args) {
    if (argument === '-') {
      const name = textFlag(call.own, 'stdinFilename') ?? '<stdin>';
      files.push(migrationFileOf(await call.terminal.readInput(), name, { values }));
    } else if ((await fs.stat(argument).catch(() => null))?.isDirectory() === true) {
      files.push(...(await readMigrationFiles(argument, { values })));
    } else files.push(await readMigrationFile(argument, { values }));
  }
  return files;
}
