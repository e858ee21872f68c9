/**
 * Lints a document as it stands in the editor, on the schema that the migrations before it leave. What other documents
 * hold unsaved counts as written. The schema is kept as long as none of those files changes: a folder of a thousand
 * migrations is read through once, not with every key.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import {
  lint,
  locksAt,
  migrationFileOf,
  readMigrationFiles,
  schemaAfter,
  type Catalog,
  type Finding,
  type LintFile,
  type LintInput,
  type MigrationFile,
  type MigrationTool,
  type StatementLocks,
} from '../index.ts';

export type LanguageSettings = Pick<LintInput, 'set' | 'severities' | 'timeouts' | 'version' | 'compat'> & {
  /** Folder of the migrations. */
  readonly dir: string;
  /** For migrations that are templates. */
  readonly values: Readonly<Record<string, string>>;
  /** The tool that runs the files, where they do not tell. */
  readonly tool: MigrationTool | null;
  /** Levels that hold for a file alone, by its path. */
  readonly severitiesOf: (file: string) => NonNullable<LintFile['severities']>;
};

/** Texts of open documents, by absolute path. */
export type OpenTexts = ReadonlyMap<string, Uint8Array>;

export type Linted = {
  readonly source: string;
  readonly findings: readonly Finding[];
  readonly locksAt: (offset: number) => Promise<StatementLocks | null>;
};

type Schema = { readonly key: string; readonly catalog: Catalog };

export class DocumentLinter {
  #schema: Schema | null = null;

  async lint(place: string, open: OpenTexts, settings: LanguageSettings): Promise<Linted> {
    const text = open.get(place) ?? new Uint8Array();
    const nothing: Linted = { source: '', findings: [], locksAt: () => Promise.resolve(null) };
    if (Buffer.from(text).toString('utf8').trim() === '') return nothing;
    const { file, earlier } = await this.#inFolder(place, text, open, settings);
    const schema = await this.#schemaAfter(earlier, settings.version);
    const { dir: _, values: __, tool: ___, severitiesOf, ...options } = settings;
    const files = [{ ...file, severities: severitiesOf(file.path) }];
    const { findings } = await lint({ ...options, files, schema });
    return { source: file.source, findings, locksAt: (offset) => locksAt(file, offset, schema) };
  }

  /** The document among the migrations; one that is none of them stands alone. */
  async #inFolder(
    place: string,
    text: Uint8Array,
    texts: OpenTexts,
    { dir, values, tool }: LanguageSettings,
  ): Promise<{ readonly file: LintFile; readonly earlier: readonly MigrationFile[] }> {
    const alone = (): LintFile => migrationFileOf(text, place, { values, tool });
    const isInside = !path.relative(path.resolve(dir), place).startsWith('..');
    if (!isInside) return { file: alone(), earlier: [] };
    const files = await readMigrationFiles(dir, { values, texts, tool });
    const at = files.findIndex((file) => path.resolve(file.path) === place);
    const file = files[at];
    // Not saved yet: nobody can say what would come after it.
    return file === undefined ? { file: alone(), earlier: files } : { file, earlier: files.slice(0, at) };
  }

  async #schemaAfter(files: readonly MigrationFile[], version: number | undefined): Promise<Catalog> {
    const hash = createHash('sha256').update(`${version ?? ''}`);
    for (const file of files) hash.update(`${file.path}\n${file.checksum}\n${file.source.length}\n`);
    const key = hash.digest('hex');
    if (this.#schema?.key !== key) this.#schema = { key, catalog: await schemaAfter(files, version) };
    return this.#schema.catalog;
  }
}
