/** `migrate doctor`: what will stand in the way of migrations on this database, and the least-privilege role as SQL. */
import { exitCodes, MigrateError, type ExitCode } from '../errors.ts';
import { doctorText } from '../report/doctor-text.ts';
import { textFlag, type Call, type Verb } from './call.ts';
import { withDatabase } from './database.ts';
import { planningOptions } from './run-options.ts';

const usualRole = 'migrator';

export const doctorVerb: Verb = {
  name: 'doctor',
  summary: 'what will stand in the way, and what to do about it',
  description:
    'Look at the server, the role, the rights that the pending migrations need, and at what hurts sooner or later: ' +
    'invalid indexes, long and prepared transactions, keys near their end, helpers that were left. Changes nothing. The ' +
    'exit code is 1 when a problem was found. With --grants, print SQL that makes a role with the least privileges.',
  options: [{ flags: '--grants [role]', text: `print that SQL (the role's name: ${usualRole})` }],
  examples: [
    ['migrate doctor', 'before the first migration, and in the deploy pipeline'],
    ['migrate doctor --grants migrator > role.sql', 'for whoever administers the database'],
  ],
  run: runDoctor,
};

async function runDoctor(call: Call): Promise<ExitCode> {
  const { doctor, leastPrivileges } = await import('../index.ts');
  const { dir, schema, values } = call.config;
  return withDatabase(call, async (databaseUrl) => {
    if (call.own['grants'] !== undefined) {
      const role = textFlag(call.own, 'grants') ?? usualRole;
      if (role === '') throw new MigrateError('BAD_USAGE', '--grants takes the name of a role, or nothing.');
      const sql = await leastPrivileges({ databaseUrl, schema, role, signal: call.signal });
      call.print(sql);
      call.result({ role, sql });
      return exitCodes.done;
    }
    const report = await doctor({ databaseUrl, dir, schema, values, signal: call.signal, ...planningOptions(call) });
    call.print(doctorText(report, { ...call.look, verbose: call.flags.verbose === true }));
    call.result(report);
    const isIll = report.checks.some(({ severity, found }) => severity === 'problem' && found.length > 0);
    return isIll ? exitCodes.failed : exitCodes.done;
  });
}
