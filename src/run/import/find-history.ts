/** Finds the history that another tool left in the database, by its table's name and columns. Reads only. */
import type { QualifiedName } from '../../catalog/model.ts';
import { MigrateError } from '../../errors.ts';
import type { Session } from '../session.ts';
import type { HistoryTool } from './history-tool.ts';
import { historyTools } from './history-tools.ts';

export type FoundHistory = { readonly tool: HistoryTool; readonly table: QualifiedName };

export type HistoryChoice = {
  /** Its name; null: the one that there is. */
  readonly tool: string | null;
  /** Where it was told to keep its history: `name` or `schema.name`; null: where it does so by itself. */
  readonly table: string | null;
};

/** Throws when there is none, and when it is not clear which one counts. */
export async function findHistory(session: Session, choice: HistoryChoice): Promise<FoundHistory> {
  const tools = choice.tool === null ? historyTools : [toolNamed(choice.tool)];
  if (choice.table !== null && choice.tool === null) {
    throw new MigrateError('BAD_USAGE', 'A history table was named, and not whose it is.', {
      hint: `Add --from with one of: ${historyTools.map(({ name }) => name).join(', ')}`,
    });
  }
  const found = await historiesIn(session, tools, choice.table);
  const [first, ...others] = found;
  if (first === undefined) throw noHistory(session, choice);
  if (others.length === 0) return first;
  throw new MigrateError(
    'BAD_USAGE',
    `There is more than one history in "${session.database}": ${found.map(({ tool, table }) => `${nameText(table)} (${tool.name})`).join(', ')}.`,
    { hint: `Say which one counts: --from ${first.tool.name} --history-table ${nameText(first.table)}` },
  );
}

function toolNamed(name: string): HistoryTool {
  const tool = historyTools.find((candidate) => candidate.name === name);
  if (tool !== undefined) return tool;
  throw new MigrateError('BAD_USAGE', `The history of "${name}" is not understood.`, {
    hint: `The tools are: ${historyTools.map((candidate) => candidate.name).join(', ')}`,
  });
}

type TableRow = { readonly schema: string; readonly name: string; readonly columns: readonly string[] };

async function historiesIn(
  session: Session,
  tools: readonly HistoryTool[],
  given: string | null,
): Promise<readonly FoundHistory[]> {
  const parts = given?.split('.') ?? [];
  const name = parts.at(-1);
  const schema = parts.length > 1 ? parts[0] : undefined;
  const { rows } = await session.query<TableRow>(
    `select n.nspname as schema, c.relname as name,
       array(select a.attname::text from pg_catalog.pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and c.relname = any($1) order by 1, 2`,
    [name === undefined ? tools.map(({ table }) => table) : [name]],
  );
  return rows
    .filter((row) => schema === undefined || row.schema === schema)
    .flatMap((row) => {
      const tool = tools.find(
        (candidate) =>
          (name !== undefined || (candidate.table === row.name && (candidate.schema ?? row.schema) === row.schema)) &&
          candidate.columns.every((column) => row.columns.includes(column)),
      );
      return tool === undefined ? [] : [{ tool, table: { schema: row.schema, name: row.name } }];
    });
}

function noHistory(session: Session, { tool, table }: HistoryChoice): MigrateError {
  const what = tool === null ? 'a migration tool' : tool;
  const where = table === null ? '' : ` in ${table}`;
  return new MigrateError('NO_HISTORY', `There is no history of ${what}${where} in database "${session.database}".`, {
    hint: [
      'Is this the right database? Where the tool keeps its history under a name of your own:',
      '  migrate import --from <tool> --history-table <schema.name>',
      'For a database whose schema was made without a tool: migrate baseline <last migration that ran>',
    ].join('\n'),
  });
}

export function nameText({ schema, name }: QualifiedName): string {
  return `${schema ?? 'public'}.${name}`;
}
