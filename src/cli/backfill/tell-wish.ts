/** What pause, resume, cancel and throttle have in common: say it to the library, and tell what that means. */
import { exitCodes, type ExitCode } from '../../errors.ts';
import type { BackfillReport, DatabaseOptions, Wished } from '../../index.ts';
import { wishedText, type WishVerb } from '../../report/wished-text.ts';
import type { Call } from '../call.ts';
import { withDatabase } from '../database.ts';
import { namesGiven } from '../names-given.ts';

type Wish = (input: DatabaseOptions & { readonly names?: readonly string[] }) => Promise<readonly Wished[]>;

export async function tellWish(call: Call, verb: WishVerb, wish: Wish): Promise<ExitCode> {
  const { backfillStatus } = await import('../../index.ts');
  return withDatabase(call, async (databaseUrl) => {
    const input = { databaseUrl, schema: call.config.schema, ...namesGiven(call) };
    if (call.flags.dryRun === true) {
      const { backfills } = await backfillStatus(input);
      const open = backfills.filter(({ status }) => status !== 'done');
      const names = open.map(({ migration, step }) => ({ migration, step }));
      call.print(`${open.map(({ migration, title }) => `  ${migration}: ${title}\n`).join('')}\n`);
      call.print('This was a dry run: nothing was changed.\n');
      call.result({ backfills: names });
      return exitCodes.done;
    }
    const wished = await wish(input);
    const after: BackfillReport = await backfillStatus(input);
    call.print(wishedText(verb, wished, after, call.look));
    call.result({ backfills: wished, workers: after.workers.length });
    return exitCodes.done;
  });
}
