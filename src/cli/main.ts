/**
 * The command line: reads the arguments, calls one verb, turns whatever happens into text and an exit code.
 *
 * It never ends the process: `bin/migrate.js` sets the exit code, and what is still being written arrives. The first
 * SIGINT or SIGTERM asks the verb to stop (finish or cancel the statement, record, release the lease), the second one
 * ends the process at once; the next run goes on from what the ledger says. Must never happen: a password in any output.
 */
import { Command, CommanderError, Option } from 'commander';
import { exitCodes, MigrateError, type ExitCode } from '../errors.ts';
import { onwardVersion } from '../onward-version.ts';
import { errorJson, errorText } from '../report/error-text.ts';
import { lookOf, type Call, type GlobalFlags, type OwnFlags, type Verb, type VerbOption } from './call.ts';
import { globalOptions } from './global-options.ts';
import { commandHelp, programHelp } from './help.ts';
import { isJsonLog, logError } from './json-log.ts';
import { loadConfig } from './load-config.ts';
import { loadEnv } from './load-env.ts';
import { keepCompilerPatient } from './patient-compiler.ts';
import { keepParserQuick } from './quick-parser.ts';
import { refuseRuleSet } from './set-flag.ts';
import { processTerminal, type SignalName, type Terminal } from './terminal.ts';
import { usageError } from './usage-error.ts';
import { verbs } from './verbs.ts';

/** Runs one command; resolves to the exit code. `terminal` is for tests. */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  keepParserQuick();
  keepCompilerPatient();
  let exitCode: ExitCode = exitCodes.done;
  const program = programOf(terminal, async (verb, args, flags, own) => {
    exitCode = await callVerb(verb, args, flags, own, terminal);
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done; // --help and --version
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage; // no verb given
    const flags: GlobalFlags = { json: argv.includes('--json'), color: !argv.includes('--no-color') };
    return fail(error instanceof CommanderError ? usageError(error) : error, flags, terminal);
  }
}

type OnVerb = (verb: Verb, args: readonly string[], flags: GlobalFlags, own: OwnFlags) => Promise<void>;

function programOf(terminal: Terminal, onVerb: OnVerb): Command {
  const program = new Command('migrate')
    .description('Plain SQL migrations on a busy Postgres, without downtime.')
    .version(onwardVersion, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [verb]', 'print the help of a verb')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(text),
      outputError: () => undefined, // shown by `fail`, like every other error
      getOutHelpWidth: () => Math.min(terminal.out.columns, 100),
      getErrHelpWidth: () => Math.min(terminal.err.columns, 100),
    });
  for (const option of globalOptions) program.addOption(optionOf(option));
  for (const verb of verbs) program.addCommand(commandOf(verb, onVerb, program));
  program.helpInformation = () => programHelp(program, verbs);
  return program;
}

function commandOf(verb: Verb, onVerb: OnVerb, parent: Command): Command {
  const command = new Command(verb.name)
    .copyInheritedSettings(parent)
    .summary(verb.summary)
    .description(verb.description)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', () => commandHelp(verb));
  if (verb.arguments !== undefined) command.arguments(verb.arguments);
  for (const option of verb.options) command.addOption(optionOf(option));
  for (const [index, part] of (verb.parts ?? []).entries()) {
    command.addCommand(commandOf(part, onVerb, command), { isDefault: index === 0 });
  }
  // A verb that has parts is one of them.
  if (verb.parts !== undefined) return command.helpCommand(false).configureHelp({ showGlobalOptions: false });
  command.action(async () => {
    await onVerb(verb, command.args, command.optsWithGlobals<GlobalFlags>(), command.opts<OwnFlags>());
  });
  return command;
}

function optionOf({ flags, text, choices, parse }: VerbOption): Option {
  const option = new Option(flags, text);
  if (choices !== undefined) option.choices(choices);
  if (parse !== undefined) option.argParser(parse);
  return option;
}

async function callVerb(
  verb: Verb,
  args: readonly string[],
  given: GlobalFlags,
  own: OwnFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const flags = own['format'] === 'json' ? { ...given, json: true } : given;
  const abort = new AbortController();
  let received: SignalName | null = null;
  const ignoreSignals = terminal.onSignal((name) => {
    if (received !== null) {
      terminal.dieOf(name);
      return;
    }
    received = name;
    terminal.err.write('\nStopping: the running statement is finished or cancelled. Again: stop at once.\n');
    abort.abort(interrupted(name));
  });
  try {
    refuseRuleSet(verb.name, flags.set);
    return await verb.run(await callOf(args, flags, own, terminal, abort.signal));
  } catch (error) {
    return fail(received !== null && isAbort(error) ? interrupted(received) : error, flags, terminal);
  } finally {
    ignoreSignals();
  }
}

async function callOf(
  args: readonly string[],
  flags: GlobalFlags,
  own: OwnFlags,
  given: Terminal,
  signal: AbortSignal,
): Promise<Call> {
  const terminal = { ...given, env: await loadEnv(flags.env, given.env) };
  const json = flags.json === true;
  const progress = json ? terminal.err : terminal.out;
  return {
    terminal,
    args,
    flags,
    own,
    config: await loadConfig(flags, terminal),
    signal,
    progress,
    look: lookOf(progress, flags, terminal.env),
    print(text) {
      if (!json) terminal.out.write(text);
    },
    say(text) {
      if (flags.quiet !== true) progress.write(text);
    },
    result(value) {
      if (json) terminal.out.write(`${JSON.stringify(value, null, 2)}\n`);
    },
  };
}

function fail(error: unknown, flags: GlobalFlags, terminal: Terminal): ExitCode {
  if (flags.json === true) terminal.out.write(`${JSON.stringify(errorJson(error), null, 2)}\n`);
  if (isJsonLog(flags) && error instanceof MigrateError) {
    logError(terminal.err, error);
    return error.exitCode;
  }
  const look = lookOf(terminal.err, flags, terminal.env);
  terminal.err.write(errorText(error, { ...look, verbose: flags.verbose === true }));
  return error instanceof MigrateError ? error.exitCode : exitCodes.failed;
}

function interrupted(name: SignalName): MigrateError {
  const code = name === 'SIGINT' ? 'INTERRUPTED' : 'TERMINATED';
  return new MigrateError(code, 'Interrupted. What was done is recorded.', {
    hint: 'Run the same command again to go on, or "migrate status" to see where it stands.',
  });
}

/** What ends because of the signal: our own error, or the abort that a library raised. */
function isAbort(error: unknown): boolean {
  if (error instanceof MigrateError) return error.code === 'INTERRUPTED' || error.code === 'TERMINATED';
  return error instanceof Error && error.name === 'AbortError';
}
