/** `migrate import`: takes over from another migration tool. */
import { exitCodes, type ExitCode } from '../errors.ts';
import type { HistorySurvey, ImportInput } from '../index.ts';
import { surveyText } from '../report/import-text.ts';
import { hasFlag, textFlag, type Call, type Verb } from './call.ts';
import { confirm } from './confirm.ts';
import { withDatabase } from './database.ts';

export const importVerb: Verb = {
  name: 'import',
  summary: 'take over from another migration tool',
  description:
    'Read the history that another tool keeps in the database, and mark the files that have run as done. The files and ' +
    "the other tool's table stay as they are; from then on the new ones run with migrate expand or migrate up.",
  options: [
    { flags: '--from <tool>', text: 'whose history (default: the one that is there)' },
    { flags: '--history-table <name>', text: 'where it was told to keep it: name or schema.name' },
    { flags: '--force', text: 'although files were edited after they ran, or are missing' },
  ],
  examples: [
    ['migrate import --dir prisma/migrations --dry-run', 'what would be marked'],
    ['migrate import --dir prisma/migrations --yes', 'mark it'],
    ['migrate import --from goose --history-table ops.goose_db_version', 'where the history has another name'],
  ],
  run: runImport,
};

async function runImport(call: Call): Promise<ExitCode> {
  const library = await import('../index.ts');
  return withDatabase(call, async (databaseUrl) => {
    const input = { ...inputOf(call), databaseUrl };
    if (call.flags.dryRun === true) {
      const survey = await library.surveyHistory(input);
      call.print(surveyText(survey, call.look));
      call.result(survey);
      return exitCodes.done;
    }
    let isShown = false;
    const show = (survey: HistorySurvey): void => {
      if (!isShown) call.print(surveyText(survey, call.look));
      isShown = true;
    };
    const result = await library.importHistory({
      ...input,
      async confirm(survey) {
        show(survey);
        return confirm(call, 'Mark these as done?', 'migrate import');
      },
    });
    show(result);
    if (!result.imported) call.print('\nNothing was changed.\n');
    else if (result.toMark.length > 0) {
      call.print(`\nMarked. Do not run ${result.tool} on this database any more. Next: migrate status\n`);
    }
    call.result(result);
    return exitCodes.done;
  });
}

function inputOf(call: Call): Omit<ImportInput, 'databaseUrl'> {
  const { dir, schema, values } = call.config;
  const tool = textFlag(call.own, 'from');
  const historyTable = textFlag(call.own, 'historyTable');
  return {
    dir,
    schema,
    values,
    signal: call.signal,
    force: hasFlag(call.own, 'force'),
    ...(tool === undefined ? {} : { tool }),
    ...(historyTable === undefined ? {} : { historyTable }),
  };
}
