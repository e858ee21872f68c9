/**
 * Questions with a choice of answers, for a person at a terminal. The library that draws them is loaded when the first one
 * is asked. Ctrl-C in a question is an answer too: nothing is to be done.
 */
import { MigrateError } from '../errors.ts';

export type Form = {
  /** One line of text; `usual` when nothing is typed. */
  text(question: string, usual: string): Promise<string>;
  agrees(question: string, usual: boolean): Promise<boolean>;
};

export const terminalForm: Form = {
  async text(question, usual) {
    const { isCancel, text } = await import('@clack/prompts');
    const answer = await text({ message: question, placeholder: usual, defaultValue: usual, output: process.stderr });
    if (isCancel(answer)) throw left();
    return answer;
  },
  async agrees(question, usual) {
    const { confirm, isCancel } = await import('@clack/prompts');
    const answer = await confirm({ message: question, initialValue: usual, output: process.stderr });
    if (isCancel(answer)) throw left();
    return answer;
  },
};

function left(): MigrateError {
  return new MigrateError('INTERRUPTED', 'Left without an answer. Nothing was made.');
}
