/** `migrate repair`: shows what it would mend, asks, and does exactly that. */
import { exitCodes, type ExitCode } from '../errors.ts';
import type { Repair } from '../index.ts';
import type { Look } from '../report/paint.ts';
import { count, wrap } from '../report/wrap.ts';
import type { Call, Verb } from './call.ts';
import { confirm } from './confirm.ts';
import { withDatabase } from './database.ts';

export const repairVerb: Verb = {
  name: 'repair',
  summary: 'mend what no run mends by itself; shows it first',
  description:
    'Drop helpers that were left behind while no migration is on its way, and record a failed step as done whose index ' +
    'somebody has built by hand. Shows everything first, and asks. What a crash leaves needs no repair: the next run goes on.',
  options: [],
  examples: [
    ['migrate repair --dry-run', 'what it would do'],
    ['migrate repair', 'the same, and then it asks'],
  ],
  run: runRepair,
};

async function runRepair(call: Call): Promise<ExitCode> {
  const { findRepairs, repair } = await import('../index.ts');
  const { schema } = call.config;
  return withDatabase(call, async (databaseUrl) => {
    const found = await findRepairs({ databaseUrl, schema });
    if (found.length === 0 || call.flags.dryRun === true) {
      call.print(found.length === 0 ? 'There is nothing to repair.\n' : textOf(found, call.look));
      if (call.flags.dryRun === true) call.print('\nThis was a dry run: nothing was changed.\n');
      call.result({ found, repaired: [] });
      return exitCodes.done;
    }
    const ask = async (repairs: readonly Repair[]): Promise<boolean> => {
      call.say(textOf(repairs, call.look));
      return confirm(call, `Do ${repairs.length === 1 ? 'this' : `these ${repairs.length} things`}?`, 'migrate repair');
    };
    const repaired = await repair({ databaseUrl, schema, signal: call.signal, confirm: ask });
    call.print(repaired.length === 0 ? 'Nothing was changed.\n' : `Mended ${count(repaired.length, 'thing')}.\n`);
    call.result({ found, repaired });
    return repaired.length === 0 ? exitCodes.failed : exitCodes.done;
  });
}

function textOf(repairs: readonly Repair[], { paint, width }: Look): string {
  const lines = repairs.flatMap((each) =>
    each.kind === 'drop_helper'
      ? [...wrap(each.what, width, '  ', '· '), `    ${paint.cyan(each.sql)}`]
      : [
          ...wrap(`${each.migration}: record ${each.step} (${each.title}) as done`, width, '  ', '· '),
          `    the step   ${each.sql}`,
          `    is there   ${each.found ?? 'nothing, as it should be'}`,
        ],
  );
  return `${lines.join('\n')}\n`;
}
