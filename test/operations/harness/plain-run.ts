/** What the same migrations do when somebody simply sends them: the meaning that every plan must keep. */
import type pg from 'pg';
import type { Catalog } from '../../../src/catalog/model.ts';
import { parseFile } from '../../../src/sql/parse.ts';
import { forwardStatements } from '../../../src/sql/sections.ts';
import type { CaseDatabase } from './case-database.ts';
import type { OperationCase } from './case-file.ts';
import { readData, type Data } from './table-data.ts';

export type Outcome = { readonly catalog: Catalog; readonly data: Data };

export async function runPlainly(database: CaseDatabase, operationCase: OperationCase): Promise<Outcome> {
  await database.prepare(operationCase);
  await sendPlainly(database, operationCase);
  return outcomeOf(database);
}

/** Statement by statement, because some cannot share a transaction; a person's own BEGIN and COMMIT stay in force. */
export async function sendPlainly(database: CaseDatabase, { changes, sameAs }: OperationCase): Promise<void> {
  const session = await database.connect('plain');
  try {
    for (const source of sameAs === null ? changes : [sameAs]) await sendStatements(session, source);
  } finally {
    await session.end();
  }
}

async function sendStatements(session: pg.Client, source: string): Promise<void> {
  for (const { text } of forwardStatements(parseFile(source, { file: 'plain.sql' }))) await session.query(text);
}

export async function outcomeOf(database: CaseDatabase): Promise<Outcome> {
  const catalog = await database.catalog();
  return { catalog, data: await readData(database.client, catalog) };
}
