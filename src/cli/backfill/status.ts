/** `migrate backfill status`: how far every backfill is; with `--watch` again and again, in place or a line an interval. */
import { exitCodes, type ExitCode } from '../../errors.ts';
import { backfillLine, backfillReportText } from '../../report/backfill-report-text.ts';
import { errorJson } from '../../report/error-text.ts';
import { hasFlag, number, numberFlag, type Call, type Verb } from '../call.ts';
import { withDatabase } from '../database.ts';
import { namesGiven } from '../names-given.ts';

export const backfillStatus: Verb = {
  name: 'status',
  arguments: '[migrations...]',
  summary: 'how far it is, how fast, and what holds it up',
  description:
    'How far every backfill is, who works on it, what holds it up and since when, and the rows that were left out. ' +
    'Changes nothing, and works from any machine while others are at work.',
  options: [
    { flags: '--watch', text: 'again and again, until all are done or you stop it' },
    { flags: '--every <seconds>', text: 'how often to look, with --watch (default: 1)', parse: number('--every', 0.2) },
    { flags: '--all', text: 'those that are done, too' },
  ],
  examples: [
    ['migrate backfill status', 'what is under way'],
    ['migrate backfill status --watch', 'the same, kept up to date'],
    ['migrate backfill status --watch --json --every 10', 'one JSON object a line, for a log'],
  ],
  run: runStatus,
};

async function runStatus(call: Call): Promise<ExitCode> {
  const library = await import('../../index.ts');
  return withDatabase(call, async (databaseUrl) => {
    const input = { databaseUrl, schema: call.config.schema, ...namesGiven(call) };
    if (hasFlag(call.own, 'watch')) return watch(call, input);
    const report = await library.backfillStatus(input);
    call.print(backfillReportText(report, { ...call.look, all: showsAll(call) }));
    call.result(report);
    return exitCodes.done;
  });
}

/** Done backfills are shown where they were asked for by name. */
function showsAll(call: Call): boolean {
  return hasFlag(call.own, 'all') || call.args.length > 0;
}

type Input = { readonly databaseUrl: string; readonly schema: string; readonly names?: readonly string[] };

async function watch(call: Call, input: Input): Promise<ExitCode> {
  const { watchBackfills } = await import('../../index.ts');
  const { out } = call.terminal;
  const json = call.flags.json === true;
  const everyMs = 1_000 * (numberFlag(call.own, 'every') ?? 1);
  let shown = 0; // lines that are to be drawn over
  const signal = AbortSignal.any([call.signal, out.gone]);
  for await (const look of watchBackfills({ ...input, everyMs, signal })) {
    if (json) {
      out.write(`${JSON.stringify(look.kind === 'seen' ? look : { kind: 'failed', ...errorJson(look.error) })}\n`);
    } else if (look.kind === 'failed') {
      out.write(`${look.error.message}\n`);
      shown = 0;
    } else if (out.screen === null) {
      const open = look.backfills.filter(({ status }) => status !== 'done');
      out.write(open.map((job) => `${backfillLine(job)}\n`).join('') || 'No backfill is under way.\n');
    } else {
      const text = backfillReportText(look, { ...call.look, all: showsAll(call) });
      // Each line is cleared to its end and the rest of the screen below: nothing flickers, nothing old stays.
      const lines = text.split('\n').map((line) => `${line}\u001b[K`);
      out.write(`${shown === 0 ? '' : `\u001b[${shown}A\r`}${lines.join('\n')}\u001b[J`);
      shown = lines.length - 1;
    }
    const isOver = look.kind === 'seen' && look.backfills.every(({ status }) => status === 'done');
    if (isOver) break;
  }
  return exitCodes.done;
}
