/**
 * How a migration of each tool can be cut into several files: how a file says that it runs outside a transaction, and
 * what a new file of that tool looks like. A tool that runs all files in one transaction, or that keeps a list of them
 * which it writes itself, has no scheme but a reason.
 */
import path from 'node:path';
import type { PartModes } from '../lint/split-file.ts';
import type { TransactionMode } from '../lint/lint-file.ts';
import type { MigrationTool } from './migration-tool.ts';

export type NewFile = { readonly path: string; readonly text: string };

export type SplitScheme = {
  readonly modes: PartModes;
  /** True for tools with a folder for each migration: that folder is what has the name. */
  readonly isNested: boolean;
  /** The file with the mark that it runs outside a transaction, and what has to lie beside it. */
  readonly outside: (file: string, text: string) => { readonly text: string; readonly beside: readonly NewFile[] };
  /** A new migration: `place` is its path as named, `from` the migration that it was cut from. */
  readonly files: (place: string, text: string, mode: TransactionMode, from: string) => readonly NewFile[];
};

const undoneElsewhere = (from: string): string => `-- Nothing: what takes ${from} back does it.\n`;

const plain: SplitScheme = {
  modes: { single: 'per-file', canBeNone: false },
  isNested: false,
  outside: (_, text) => ({ text, beside: [] }),
  files: (place, text) => [{ path: place, text }],
};

const oneText: SplitScheme = { ...plain, modes: { single: 'none', canBeNone: false } };

const marked: PartModes = { single: 'per-file', canBeNone: true };

const schemes: Readonly<Record<MigrationTool, SplitScheme | string>> = {
  'golang-migrate': oneText,
  supabase: plain,
  prisma: {
    ...oneText,
    isNested: true,
    files: (place, text) => [{ path: path.join(place, 'migration.sql'), text }],
  },
  goose: {
    ...plain,
    modes: marked,
    outside: (_, text) => ({ text: `-- +goose NO TRANSACTION\n${text}`, beside: [] }),
    files(place, text, mode, from) {
      const mark = mode === 'none' ? '-- +goose NO TRANSACTION\n' : '';
      return [{ path: place, text: `${mark}-- +goose Up\n${text}\n-- +goose Down\n${undoneElsewhere(from)}` }];
    },
  },
  dbmate: {
    ...plain,
    modes: marked,
    outside: (_, text) => ({
      text: text.replace(/^([ \t]*--[ \t]*migrate:up)\b/m, '$1 transaction:false'),
      beside: [],
    }),
    files(place, text, mode, from) {
      const option = mode === 'none' ? ' transaction:false' : '';
      return [{ path: place, text: `-- migrate:up${option}\n${text}\n-- migrate:down\n${undoneElsewhere(from)}` }];
    },
  },
  sqlx: {
    ...plain,
    modes: marked,
    outside: (_, text) => ({ text: `-- no-transaction\n${text}`, beside: [] }),
    files: (place, text, mode) => [{ path: place, text: mode === 'none' ? `-- no-transaction\n${text}` : text }],
  },
  flyway: {
    ...plain,
    modes: marked,
    outside: (file, text) => ({ text, beside: [flywaySettings(file)] }),
    files: (place, text, mode) => [{ path: place, text }, ...(mode === 'none' ? [flywaySettings(place)] : [])],
  },
  diesel: {
    ...plain,
    modes: marked,
    isNested: true,
    outside: (file, text) => ({ text, beside: [dieselSettings(path.dirname(file))] }),
    files: (place, text, mode, from) => [
      { path: path.join(place, 'up.sql'), text },
      { path: path.join(place, 'down.sql'), text: undoneElsewhere(from) },
      ...(mode === 'none' ? [dieselSettings(place)] : []),
    ],
  },
  drizzle: 'Drizzle runs all pending migrations in one transaction, so that another file would not help',
  'node-pg-migrate':
    'node-pg-migrate runs all pending migrations in one transaction, so that another file would not help',
  sqitch: 'a sqitch file opens its own transactions, so that they can be divided in it by hand',
  onward: 'our own runner gives each step a transaction of its own',
};

function flywaySettings(file: string): NewFile {
  return { path: `${file}.conf`, text: 'executeInTransaction=false\n' };
}

function dieselSettings(folder: string): NewFile {
  return { path: path.join(folder, 'metadata.toml'), text: 'run_in_transaction = false\n' };
}

/** The scheme, or why there is none. Null is for plain files of which the person says that they run in a transaction. */
export function splitSchemeOf(tool: MigrationTool | null): SplitScheme | string {
  return tool === null ? plain : schemes[tool];
}
