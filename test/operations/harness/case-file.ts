/**
 * Reads a case file (the format is described in test/operations/README.md). A file that is not understood fails with
 * what to write: an option with a misspelt value must not be passed over.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { migrationFileOf } from '../../../src/run/migration-files.ts';
import { fileURLToPath } from 'node:url';
import { errorCodes, type ErrorCode } from '../../../src/errors.ts';
import type { MigrationFile } from '../../../src/plan/migration-file.ts';

export const casesFolder = fileURLToPath(new URL('../cases', import.meta.url));

export type OperationCase = {
  /** `set_not_null/after-update`: folder and file name. */
  readonly id: string;
  /** The folder: a kind of change, or `several` for migrations that hold more than one. */
  readonly folder: string;
  readonly file: string;
  /** What the case shows, from the first comment lines. */
  readonly title: string;
  /** Major versions of Postgres on which it runs. */
  readonly versions: { readonly from: number; readonly to: number };
  readonly given: string;
  /** One migration each. */
  readonly changes: readonly string[];
  /** What the change means, where the plain SQL itself would fail; null when the plain SQL says it. */
  readonly sameAs: string | null;
  /** Statements of the clients, where the case states them. */
  readonly oldClient: string | null;
  readonly newClient: string | null;
  /** Queries that return nothing after contract. */
  readonly noRows: string | null;
  /** The error with which it must be refused. */
  readonly expect: ErrorCode | null;
  /** It stands in docs/operations.md. */
  readonly shown: boolean;
  /** `table.column`, unquoted, whose values a rollback does not bring back, each with its reason. */
  readonly keepsData: ReadonlyMap<string, string>;
  /** Paths of the comparison of schemas that a rollback leaves different, each with its reason. */
  readonly keepsSchema: ReadonlyMap<string, string>;
};

const sectionNames = ['given', 'change', 'same as', 'old client', 'new client', 'no rows'] as const;
type SectionName = (typeof sectionNames)[number];

const oldestVersion = 14;
/** The one that plans are shown for. */
export const newestVersion = 18;

/** The cases that run on this version, sorted by id. */
export function readCases(version: number): readonly OperationCase[] {
  return readAllCases().filter(({ versions }) => versions.from <= version && version <= versions.to);
}

export function readAllCases(): readonly OperationCase[] {
  return readdirSync(casesFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .map((name) => parseCase(path.join(casesFolder, name), readFileSync(path.join(casesFolder, name), 'utf8')));
}

/** Errors that come before anything is run; any other expected error comes from a phase. */
const planErrors: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SYNTAX_ERROR',
  'BAD_DIRECTIVE',
  'UNSUPPORTED_FILE',
  'VALUE_REQUIRED',
  'CANNOT_PLAN',
]);

export function isRefusedByPlan({ expect }: OperationCase): boolean {
  return expect !== null && planErrors.has(expect);
}

/** The plan, or the error with which there is none. */
export function planSnapshotFile({ file }: OperationCase): string {
  return file.replace(/\.sql$/, '.plan.txt');
}

/** The error of a later phase. */
export function refusalSnapshotFile({ file }: OperationCase): string {
  return file.replace(/\.sql$/, '.refusal.txt');
}

export function snapshotFiles(operationCase: OperationCase): readonly string[] {
  const refusedLater = operationCase.expect !== null && !isRefusedByPlan(operationCase);
  return [planSnapshotFile(operationCase), ...(refusedLater ? [refusalSnapshotFile(operationCase)] : [])];
}

/** The migrations of the case, as the planner reads them. */
export function migrationsOf(operationCase: OperationCase): readonly MigrationFile[] {
  const { file, changes } = operationCase;
  const base = path.basename(file, '.sql');
  return changes.map((source, index) => {
    const name = changes.length === 1 ? base : `${base}-${index + 1}`;
    return migrationFileOf(Buffer.from(source), `${name}.sql`);
  });
}

export function parseCase(file: string, text: string): OperationCase {
  const blocks: { readonly section: SectionName; readonly lines: string[] }[] = [];
  const title: string[] = [];
  const keepsData = new Map<string, string>();
  const keepsSchema = new Map<string, string>();
  let versions = { from: oldestVersion, to: newestVersion };
  let expect: ErrorCode | null = null;
  let shown = false;

  for (const [index, line] of text.split('\n').entries()) {
    const fail = (problem: string) => new Error(`${file}:${index + 1}: ${problem}`);
    const comment = /^--\s*(.*?)\s*$/.exec(line)?.[1] ?? null;
    const section = sectionNames.find((name) => name === comment);
    const [, option, value = ''] = /^(versions|expect|keeps data|keeps schema)\s+(.+)$/.exec(comment ?? '') ?? [];
    if (section !== undefined) {
      if (section !== 'change' && blocks.some((block) => block.section === section))
        throw fail(`"-- ${section}" stands twice.`);
      blocks.push({ section, lines: [] });
    } else if (option === 'versions') versions = versionRange(value, fail);
    else if (option === 'expect') expect = errorCode(value, fail);
    else if (comment === 'shown in docs') shown = true;
    else if (option === 'keeps data') keepsData.set(...kept('data table.column', value, fail));
    else if (option === 'keeps schema') keepsSchema.set(...kept('schema type public.status labels', value, fail));
    else if (blocks.length > 0) blocks.at(-1)?.lines.push(line);
    else if (comment !== null) title.push(comment);
    else if (line.trim() !== '') throw fail('SQL stands before the first section. Write "-- given" above it.');
  }

  const textsOf = (section: SectionName) =>
    blocks.filter((block) => block.section === section).map(({ lines }) => lines.join('\n').trim());
  const given = textsOf('given')[0];
  const changes = textsOf('change');
  if (title.join('') === '')
    throw new Error(`${file}: its first line must be a comment that says what the case shows.`);
  if (given === undefined) throw new Error(`${file}: the section "-- given" is missing.`);
  if (changes.length === 0) throw new Error(`${file}: the section "-- change" is missing.`);
  return {
    id: path
      .relative(casesFolder, file)
      .replaceAll(path.sep, '/')
      .replace(/\.sql$/, ''),
    folder: path.basename(path.dirname(file)),
    file,
    title: title.join(' ').trim(),
    versions,
    given,
    changes,
    sameAs: textsOf('same as')[0] ?? null,
    oldClient: textsOf('old client')[0] ?? null,
    newClient: textsOf('new client')[0] ?? null,
    noRows: textsOf('no rows')[0] ?? null,
    expect,
    shown,
    keepsData,
    keepsSchema,
  };
}

type Fail = (problem: string) => Error;

/** `15+`, `14-17` or `16`. */
function versionRange(text: string, fail: Fail): OperationCase['versions'] {
  const [, from, rest] = /^(\d\d)(\+|-\d\d)?$/.exec(text) ?? [];
  if (from === undefined) throw fail(`"${text}" is no range of versions. Write 15+, 14-17 or 16.`);
  const to = rest === undefined ? Number(from) : rest === '+' ? newestVersion : Number(rest.slice(1));
  return { from: Number(from), to };
}

function errorCode(text: string, fail: Fail): ErrorCode {
  if (!isErrorCode(text)) throw fail(`"${text}" is no error code. The codes stand in src/errors.ts.`);
  return text;
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}

function kept(form: string, text: string, fail: Fail): readonly [string, string] {
  const [, what, reason] = /^(\S.*?):\s+(\S.*)$/.exec(text) ?? [];
  if (what === undefined || reason === undefined)
    throw fail(`"${text}" is not understood. Write: -- keeps ${form}: reason`);
  return [what, reason];
}
