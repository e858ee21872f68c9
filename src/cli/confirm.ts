/**
 * Asks before what cannot be taken back. Without a person at the terminal there is nobody to ask: then `--yes` is
 * required, so that a pipeline never waits for an answer and never goes on by accident.
 */
import { MigrateError } from '../errors.ts';
import type { Call } from './call.ts';

/** True when the person agrees. `question` ends with a question mark; `command` is what `--yes` is added to. */
export async function confirm(call: Call, question: string, command: string): Promise<boolean> {
  if (call.flags.yes === true) return true;
  if (!call.terminal.inputIsTty) {
    throw new MigrateError('CONFIRMATION_REQUIRED', `${question} Nobody is at the terminal to answer.`, {
      hint: `If that is what you want: ${command} --yes`,
    });
  }
  const answer = await call.terminal.ask(`${question} [y/N] `, call.signal);
  return /^y(es)?$/i.test(answer.trim());
}
