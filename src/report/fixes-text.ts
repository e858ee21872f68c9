/** What fixes did, or would do, for people: files changed and made, their lines, and what stays as it is and why. */
import type { FixProposal, FixRefusal } from '../run/propose-fix.ts';
import { lineDiff } from './line-diff.ts';
import type { Look } from './paint.ts';
import { count, wrap } from './wrap.ts';

type FixesTold = { readonly proposals: readonly FixProposal[]; readonly refusals: readonly FixRefusal[] };

/** `isDry`: nothing was written, so the lines are shown. Ends with an empty line; empty when there is nothing to say. */
export function fixesText({ proposals, refusals }: FixesTold, isDry: boolean, look: Look): string {
  const done = proposals.flatMap((proposal) => [...proposalLines(proposal, isDry, look), '']);
  const kept = refusals.flatMap(({ file, reason }) =>
    wrap(`${look.paint.yellow('Not fixed')}: ${file}: ${reason}.`, look.width),
  );
  return [...done, ...kept, ...(kept.length > 0 ? [''] : [])].map((line) => `${line}\n`).join('');
}

function proposalLines(
  { file, before, after, made, fixed }: FixProposal,
  isDry: boolean,
  look: Look,
): readonly string[] {
  const { paint } = look;
  const verbs = isDry ? ['Would change', 'Would make'] : ['Changed', 'Made'];
  const heads = [
    ...(before === after ? [] : [{ head: `${verbs[0]} ${file}`, from: before, to: after }]),
    ...made.map((one) => ({ head: `${verbs[1]} ${one.path}`, from: '', to: one.text })),
  ];
  return heads.flatMap(({ head, from, to }, index) => {
    const title = index === 0 ? `${paint.bold(head)} (${count(fixed, 'finding')} fewer)` : paint.bold(head);
    if (!isDry) return [title];
    const lines = lineDiff(from, to).map((line) => `  ${painted(line, look)}`);
    return [...(index === 0 ? [] : ['']), title, ...lines];
  });
}

function painted(line: string, { paint }: Look): string {
  if (line.startsWith('+')) return paint.green(line);
  return line.startsWith('-') ? paint.red(line) : line;
}
