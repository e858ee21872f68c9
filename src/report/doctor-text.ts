/** What the doctor found, as text: a line for each check that is fine, and what to do for each thing that is not. */
import type { CheckResult, DoctorReport } from '../run/doctor/doctor.ts';
import type { Look } from './paint.ts';
import { count, wrap } from './wrap.ts';

const shownOfEach = 5; // a schema in which no table has a key is one finding, not three hundred

export function doctorText(report: DoctorReport, look: Look & { readonly verbose: boolean }): string {
  const { paint, width } = look;
  const head = `${report.database} at ${report.place}, Postgres ${report.serverVersion}, as ${report.role}`;
  const lines = report.checks.flatMap((check) => linesOf(check, look));
  const problems = report.checks.filter(({ severity, found }) => severity === 'problem' && found.length > 0).length;
  const notices = report.checks.filter(({ severity, found }) => severity === 'notice' && found.length > 0).length;
  const sum =
    problems + notices === 0
      ? paint.green('All is well.')
      : `${count(problems, 'problem')}, ${count(notices, 'notice')}. Nothing was changed.`;
  return `${wrap(head, width).join('\n')}\n\n${lines.join('\n')}\n\n${sum}\n`;
}

function linesOf(
  check: CheckResult,
  { paint, width, verbose }: Look & { readonly verbose: boolean },
): readonly string[] {
  const { found, severity, fine } = check;
  if (found.length === 0) return wrap(fine, width, '    ', `  ${paint.green('✓')} `);
  const mark = severity === 'problem' ? paint.red('✗') : paint.yellow('!');
  const shown = verbose ? found : found.slice(0, shownOfEach);
  const more = found.length - shown.length;
  return [
    ...shown.flatMap(({ what, todo }) => [
      ...wrap(what, width, '    ', `  ${mark} `),
      // Not wrapped: it is there to be copied.
      ...todo.split('\n').map((line) => `      ${paint.cyan(line)}`),
    ]),
    ...(more > 0 ? [paint.dim(`    and ${more} more like these: --verbose shows them`)] : []),
  ];
}
