/** `migrate plan`: what will run, phase by phase, for people to review and for the runner to run exactly. */
import * as fs from 'node:fs/promises';
import { exitCodes, MigrateError, type ExitCode } from '../errors.ts';
import type { MigrationFile, Plan } from '../index.ts';
import { planHtml } from '../report/plan-html.ts';
import { planMarkdown } from '../report/plan-markdown.ts';
import { planScript } from '../report/plan-script.ts';
import { planText } from '../report/plan-text.ts';
import { wrap } from '../report/wrap.ts';
import { hasFlag, numberFlag, textFlag, wholeNumber, type Call, type Verb } from './call.ts';
import { databaseUrlOf, isEmbedded, withDatabase } from './database.ts';
import { planningOptions } from './run-options.ts';

const formats = ['pretty', 'json', 'sql', 'markdown', 'html'] as const;
type Format = (typeof formats)[number];

export const planVerb: Verb = {
  name: 'plan',
  arguments: '[from]',
  summary: 'show what will run, phase by phase',
  description:
    'Turn the pending migrations into steps: expand, backfill, contract. With a database, its live schema decides what ' +
    'is pending and what is safe. Without one, or with [from], the files alone: those before [from] count as done.',
  options: [
    { flags: '--out <file>', text: 'write the plan as JSON, for: migrate expand --plan <file>' },
    {
      flags: '--format <format>',
      text: 'sql: a script; markdown: a comment on a pull request; html: one page with pictures',
      choices: formats,
    },
    { flags: '--sql', text: 'short for --format sql' },
    { flags: '--offline', text: 'from the files alone, even where DATABASE_URL is set' },
    {
      flags: '--pg-version <version>',
      text: 'major version of the server, without a database (default: the newest)',
      parse: wholeNumber('--pg-version', 14),
    },
  ],
  examples: [
    ['migrate plan', 'what is pending on DATABASE_URL'],
    ['migrate plan 0007_require_phone', 'that file and the later ones, without a database'],
    ['migrate plan 0007_require_phone --embedded', 'the same, with the earlier ones really run'],
    ['migrate plan --out plan.json', 'for review; then: migrate expand --plan plan.json'],
    ['migrate plan --format markdown > plan.md', 'for: gh pr comment --body-file plan.md'],
    ['migrate plan --format html > plan.html', 'as a page for a browser'],
  ],
  run: runPlan,
};

async function runPlan(call: Call): Promise<ExitCode> {
  chosenFormat(call); // before any work is done
  const plan = await planOf(call);
  const out = textFlag(call.own, 'out');
  if (out !== undefined && call.flags.dryRun !== true) {
    await fs.writeFile(out, `${JSON.stringify(plan, null, 2)}\n`).catch((cause: unknown) => {
      throw new MigrateError('BAD_USAGE', `The plan cannot be written to ${out}.`, {
        hint: 'Check that the folder exists and that this user may write to it.',
        cause,
      });
    });
  }
  writePlan(call, plan, out);
  call.result(plan);
  return exitCodes.done;
}

function writePlan(call: Call, plan: Plan, out: string | undefined): void {
  const remark = remarkOn(call, plan);
  switch (chosenFormat(call)) {
    case 'pretty':
      call.print(planText(plan, { ...call.look, verbose: call.flags.verbose === true }));
      if (remark !== null) call.print(`\n${wrap(remark, call.look.width).join('\n')}\n`);
      if (out !== undefined) call.print(`\nWritten to ${out}. To run exactly this: migrate expand --plan ${out}\n`);
      return;
    case 'json':
      return; // the one document that `result` writes
    case 'sql':
      return call.print(planScript(plan));
    case 'markdown':
      return call.print(planMarkdown(plan, { remark }));
    case 'html':
      return call.print(planHtml(plan, { remark }));
  }
}

function chosenFormat(call: Call): Format {
  const given = textFlag(call.own, 'format');
  const asked = [
    ...formats.filter((format) => format === given),
    ...(hasFlag(call.own, 'sql') ? (['sql'] as const) : []),
    ...(call.flags.json === true ? (['json'] as const) : []),
  ];
  const [first = 'pretty', ...others] = asked;
  const other = others.find((format) => format !== first);
  if (other === undefined) return first;
  throw new MigrateError('BAD_USAGE', `The plan was asked for as ${first} and as ${other}.`, {
    hint: 'Choose one. --json is short for --format json, --sql for --format sql.',
  });
}

async function planOf(call: Call): Promise<Plan> {
  const library = await import('../index.ts');
  const { dir, schema, values } = call.config;
  const [from] = call.args;
  if (isEmbedded(call)) return withDatabase(call, (url) => planOnShadow(call, url, from));
  const databaseUrl = await databaseUrlOf(call);
  if (databaseUrl === null || from !== undefined || hasFlag(call.own, 'offline')) {
    const version = numberFlag(call.own, 'pgVersion') ?? call.config.pgVersion;
    return library.plan({
      dir,
      values,
      ...planningOptions(call),
      ...(from === undefined ? {} : { from }),
      ...(version === null ? {} : { version }),
    });
  }
  return library.plan({ dir, values, databaseUrl, schema, ...planningOptions(call) });
}

/** The migrations before `from` are really run, so that nothing about the schema is guessed. */
async function planOnShadow(call: Call, databaseUrl: string, from: string | undefined): Promise<Plan> {
  const library = await import('../index.ts');
  const { dir, values } = call.config;
  const migrations = await library.readMigrationFiles(dir, { values });
  const before = from === undefined ? [] : migrations.slice(0, library.positionOf(migrations, from));
  await replay(before, databaseUrl, call.signal);
  return library.plan({ migrations, databaseUrl, isStandIn: true });
}

async function replay(migrations: readonly MigrationFile[], databaseUrl: string, signal: AbortSignal): Promise<void> {
  const { up } = await import('../index.ts');
  const { error } = await up({ migrations, databaseUrl, signal });
  if (error !== null) throw error;
}

function remarkOn(call: Call, plan: Plan): string | null {
  if (plan.fingerprint !== null || isEmbedded(call)) return null;
  const isOpaque = plan.migrations.some(({ steps }) => steps.some((step) => step.opaque));
  if (isOpaque) {
    return (
      'Some statements are not understood, so the schema after them is a guess.\n' +
      'To have the earlier migrations really run first: migrate plan <from> --embedded'
    );
  }
  const last = plan.migrations.at(-1);
  if (call.args.length > 0 || last === undefined || plan.migrations.length === 1) return null;
  return `This is for an empty database. For one in use that lacks only the last: migrate plan ${last.name}`;
}
