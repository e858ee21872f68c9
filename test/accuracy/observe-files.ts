/**
 * What every statement of a folder of migrations really does: each runs in a transaction of its own, on a server with
 * rows in its tables, and its locks, rewrites, scans and index builds are read from the server.
 *
 * Statements that rows of ours stand in the way of run again without those rows; what the first try said is kept.
 */
import pg from 'pg';
import { introspect } from '../../src/run/introspect.ts';
import type { MigrationFile } from '../../src/plan/migration-file.ts';
import { sqlstateOf } from '../../src/postgres/sqlstate.ts';
import { parseFile, type SqlStatement } from '../../src/sql/parse.ts';
import { forwardStatements } from '../../src/sql/sections.ts';
import { withCorpusDatabase, type Corpus } from '../acceptance/corpus.ts';
import { Samples, type Say } from '../acceptance/samples.ts';
import { observeAlone, observeTransaction, type ObservedEffects } from '../support/observed-effects.ts';

export type ObservedStatement = {
  readonly statement: SqlStatement;
  /** Of relations that existed before the file. */
  readonly effects: ObservedEffects;
  /** SQLSTATE with which it failed on the rows of the tables, before they were removed; null when it did not. */
  readonly refusedRows: string | null;
  /** Whether the tool that the file was written for runs it in one transaction with the statement before it. */
  readonly sharesTransaction: boolean;
};

export type ObservedFile = { readonly file: MigrationFile; readonly statements: readonly ObservedStatement[] };

const nothingSeen: ObservedEffects = {
  locks: [],
  rewrites: [],
  reads: [],
  indexBuilds: [],
  empty: [],
  readsOfEmpty: [],
};

export async function observeFiles(
  corpus: Corpus,
  files: readonly MigrationFile[],
  say: Say,
): Promise<readonly ObservedFile[]> {
  return withCorpusDatabase(corpus, files, async (url) => {
    const clients = [0, 1].map(() => new pg.Client({ connectionString: url }));
    const [client, second] = clients;
    if (client === undefined || second === undefined) return [];
    try {
      await Promise.all(clients.map((each) => each.connect()));
      const samples = new Samples(client, say);
      const observed: ObservedFile[] = [];
      for (const file of files) {
        await samples.put(await introspect(client));
        observed.push({ file, statements: await observeFile({ client, second, samples }, file) });
        await client.query('RESET ALL');
      }
      return observed;
    } finally {
      await Promise.all(clients.map((each) => each.end()));
    }
  });
}

type Server = { readonly client: pg.Client; readonly second: pg.Client; readonly samples: Samples };

async function observeFile(server: Server, file: MigrationFile): Promise<readonly ObservedStatement[]> {
  const { rows } = await server.client.query<{ oid: string }>('select oid::text from pg_class');
  const shipped = new Set(rows.map(({ oid }) => oid));
  let inTransaction = file.transactionMode === 'per-file';
  let sharesTransaction = false;
  const observed: ObservedStatement[] = [];
  for (const statement of forwardStatements(parseFile(file.source, { file: file.path }))) {
    const control = transactionControlOf(statement);
    if (control !== null) {
      inTransaction = control === 'begin';
      sharesTransaction = false;
      continue;
    }
    const { effects, refusedRows } = await observeStatement(server, file, statement.text);
    observed.push({ statement, effects: onlyOf(shipped, effects), refusedRows, sharesTransaction });
    sharesTransaction = inTransaction;
  }
  return observed;
}

/** What BEGIN and COMMIT of the file's own do is not done here: each statement has its own transaction. */
function transactionControlOf({ node }: SqlStatement): 'begin' | 'end' | null {
  if (!('TransactionStmt' in node)) return null;
  const { kind } = node.TransactionStmt;
  return kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START' ? 'begin' : 'end';
}

const attempts = 4; // the tables that the error names, all that hold rows of ours, all tables

async function observeStatement(
  { client, second, samples }: Server,
  file: MigrationFile,
  text: string,
): Promise<{ readonly effects: ObservedEffects; readonly refusedRows: string | null }> {
  let refusedRows: string | null = null;
  let alone = false;
  const run = async (): Promise<void> => void (await client.query(text));
  for (let attempt = 1; ;) {
    try {
      const effects = alone ? await observeAlone(client, second, run) : await observeTransaction(client, 'commit', run);
      return { effects, refusedRows };
    } catch (error) {
      const code = sqlstateOf(error) ?? '';
      if (!alone && cannotShare.has(code)) alone = true;
      else if (/^2[23]/.test(code) && error instanceof Error && attempt < attempts) {
        attempt += 1;
        refusedRows ??= code;
        const cause = { message: error.message, cause: error };
        await samples.empty(file.name, cause, await introspect(client));
      } else throw new Error(`${file.path}: ${String(error)}\n${text}`, { cause: error });
    }
  }
}

/** active_sql_transaction, and invalid_transaction_termination of a procedure that commits. */
const cannotShare: ReadonlySet<string> = new Set(['25001', '2D000']);

function onlyOf(shipped: ReadonlySet<string>, effects: ObservedEffects): ObservedEffects {
  const isShipped = ({ oid }: { readonly oid: string }): boolean => shipped.has(oid);
  return {
    ...nothingSeen,
    locks: effects.locks.filter(({ relation }) => isShipped(relation)),
    rewrites: effects.rewrites.filter(isShipped),
    reads: effects.reads.filter(isShipped),
    indexBuilds: effects.indexBuilds.filter(isShipped),
    readsOfEmpty: effects.readsOfEmpty.filter(isShipped),
  };
}
