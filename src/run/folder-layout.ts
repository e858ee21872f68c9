/**
 * Which files of a folder are migrations, and in which order: our own plain `*.sql`, and as a courtesy the shapes of
 * other tools, which are only read, never written.
 *
 * | shape | looks like | order |
 * |---|---|---|
 * | plain (also goose, dbmate, Supabase, node-pg-migrate) | `0001_name.sql` | number, then name |
 * | golang-migrate, sqlx, pop | `0001_name.up.sql`, with `.down.sql` (and other servers' files) left out | number, then name |
 * | Flyway, refinery | `V1.2__name.sql`, `R__name.sql` | version, then repeatable ones |
 * | Prisma | `<folder>/migration.sql` | folder name |
 * | Diesel | `<folder>/up.sql` | the folder's prefix without dashes |
 * | Drizzle | `meta/_journal.json` | the journal |
 * | sqitch | `sqitch.plan`, `deploy/name.sql` | the plan |
 *
 * Numbers are compared as numbers: `2_b.sql` comes before `10_a.sql`, whatever the alphabet says. Pure: it is given the
 * listing and, where a tool keeps one, the text of the file that lists the migrations.
 */
import { MigrateError } from '../errors.ts';
import { fromJournal, journalFile } from './drizzle-journal.ts';
import { inFlywayOrder, isFlywayName, isFlywayUndo, sameFlywayVersion } from './flyway-names.ts';
import { fromSqitchPlan, sqitchPlanFile } from './sqitch-plan.ts';

/** One entry of the folder; for a folder, the files directly inside it. */
export type FolderEntry =
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'folder'; readonly name: string; readonly files: readonly string[] };

/** A migration's name and where its SQL is, relative to the folder, with `/`. */
export type LocatedFile = { readonly name: string; readonly file: string };

/** A file that lists the migrations in their order, as some tools keep one. */
export type OrderFile = { readonly kind: 'drizzle' | 'sqitch'; readonly text: string };

/** Where such a file lies, if the folder has one; relative to the folder, with `/`. */
export function orderFileIn(
  entries: readonly FolderEntry[],
): { readonly kind: OrderFile['kind']; readonly file: string } | null {
  const hasJournal = entries.some(
    (entry) => entry.kind === 'folder' && entry.name === 'meta' && entry.files.includes('_journal.json'),
  );
  if (hasJournal) return { kind: 'drizzle', file: journalFile };
  const hasPlan = entries.some((entry) => entry.kind === 'file' && entry.name === sqitchPlanFile);
  return hasPlan ? { kind: 'sqitch', file: sqitchPlanFile } : null;
}

/** The migrations in the order in which they run. `folder` is for messages. */
export function locateMigrations(
  entries: readonly FolderEntry[],
  order: OrderFile | null,
  folder: string,
): readonly LocatedFile[] {
  if (order?.kind === 'drizzle') return fromJournal(order.text, entries, folder);
  if (order?.kind === 'sqitch') return fromSqitchPlan(order.text, entries, folder);
  const inFolders = entries.flatMap(folderMigration);
  const plain = entries.flatMap(plainMigration);
  const [nested] = inFolders;
  // Tools with a folder for each migration pass over files beside them (scripts, dumps). A number means a migration.
  const flat = plain.find((file) => numberOf(file.name) !== null);
  if (nested !== undefined && flat !== undefined) {
    throw new MigrateError(
      'UNSUPPORTED_FILE',
      `${folder} holds migrations of two kinds: ${flat.file} and ${nested.file}. Their common order is not known.`,
      { hint: 'Move one kind to a folder of its own, and choose the folder with --dir.', details: { folder } },
    );
  }
  if (nested !== undefined) return inFolders.toSorted(nested.file.endsWith('/up.sql') ? byDieselVersion : byText);
  refuseDuplicates(plain, folder);
  if (plain.some(({ file }) => isFlywayName(file))) return fromFlyway(plain, folder);
  return plain.toSorted((a, b) => compareMigrationNames(a.name, b.name));
}

function fromFlyway(plain: readonly LocatedFile[], folder: string): readonly LocatedFile[] {
  const other = plain.find(({ file }) => !isFlywayName(file));
  if (other !== undefined) {
    throw new MigrateError('UNSUPPORTED_FILE', `${folder} holds Flyway migrations and ${other.file}, which is none.`, {
      hint: 'Give it a name like V7__add_phone.sql or R__views.sql, or move it to another folder.',
      details: { folder, file: other.file },
    });
  }
  const ordered = inFlywayOrder(plain);
  const same = sameFlywayVersion(ordered);
  if (same !== null)
    throw duplicate(`${folder} holds two migrations of one version: ${same[0].file} and ${same[1].file}.`, folder);
  return ordered;
}

/**
 * The order of names in a plain folder: numbered names first, by number, then by code unit (never by locale: two
 * machines must agree).
 */
function compareMigrationNames(a: string, b: string): number {
  const first = numberOf(a);
  const second = numberOf(b);
  if (first !== null && second !== null && first !== second) return first < second ? -1 : 1;
  if ((first === null) !== (second === null)) return first === null ? 1 : -1;
  return compareText(a, b);
}

/** The number a name begins with; null for none. A bigint, because timestamps with milliseconds pass 2^53. */
function numberOf(name: string): bigint | null {
  const digits = /^\d+/.exec(name)?.[0];
  return digits === undefined ? null : BigInt(digits);
}

function plainMigration(entry: FolderEntry): readonly LocatedFile[] {
  if (entry.kind !== 'file' || !/\.sql$/i.test(entry.name) || /\.down\.sql$/i.test(entry.name)) return [];
  if (isFlywayUndo(entry.name) || /\.(?:mysql|mariadb|sqlite3|cockroach)\.up\.sql$/i.test(entry.name)) return [];
  return [{ name: migrationName(entry.name), file: entry.name }];
}

/** A file's name without what only says that it is SQL that goes forward. */
export function migrationName(file: string): string {
  return file.replace(/(?:(?:\.postgres)?\.up)?\.sql$/i, '');
}

function folderMigration(entry: FolderEntry): readonly LocatedFile[] {
  if (entry.kind !== 'folder') return [];
  const file = ['migration.sql', 'up.sql'].find((name) => entry.files.includes(name));
  return file === undefined ? [] : [{ name: entry.name, file: `${entry.name}/${file}` }];
}

function byText(a: LocatedFile, b: LocatedFile): number {
  return compareText(a.name, b.name);
}

function byDieselVersion(a: LocatedFile, b: LocatedFile): number {
  const version = (name: string): string => (name.split('_')[0] ?? name).replaceAll('-', '');
  return compareText(version(a.name), version(b.name)) || byText(a, b);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Two files with one name (`.sql` and `.up.sql`, or names that differ in case only) or one number have no order. */
function refuseDuplicates(files: readonly LocatedFile[], folder: string): void {
  const byName = new Map<string, LocatedFile>();
  const byNumber = new Map<bigint, LocatedFile>();
  for (const file of files) {
    const name = file.name.toLowerCase(); // macOS and Windows keep only one of the two
    const sameName = byName.get(name);
    if (sameName !== undefined) {
      throw duplicate(`${folder} holds two migrations named ${file.name}: ${sameName.file} and ${file.file}.`, folder);
    }
    byName.set(name, file);
    const number = numberOf(file.name);
    if (number === null) continue;
    const sameNumber = byNumber.get(number);
    if (sameNumber !== undefined) {
      throw duplicate(
        `${folder} holds two migrations with the number ${number}: ${sameNumber.file} and ${file.file}.`,
        folder,
      );
    }
    byNumber.set(number, file);
  }
}

function duplicate(message: string, folder: string): MigrateError {
  return new MigrateError('DUPLICATE_NAME', message, {
    hint: 'Give the one that has not run anywhere yet a name of its own, with the next free number.',
    details: { folder },
  });
}
