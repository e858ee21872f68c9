/**
 * What one statement of a file would lock, for whoever points at it in an editor: the same effects from which rules
 * report, of all the statement's changes together. Tables that the file itself creates are left out; nobody uses them yet.
 */
import { objectKey, type Catalog, type QualifiedName } from '../catalog/model.ts';
import type { Effects } from '../operations/effects.ts';
import { effectsOf } from '../operations/index.ts';
import { strongest, type LockMode } from '../postgres/lock-mode.ts';
import { forwardStatements } from '../sql/sections.ts';
import { assumeTables } from './assumed-table.ts';
import { foldChange } from './fold-change.ts';
import { parseLeniently } from './lenient-parse.ts';
import type { LintFile } from './lint-file.ts';
import type { Extent } from './sql-text.ts';
import { statementChanges } from './statement-changes.ts';

export type TableLock = {
  readonly table: QualifiedName;
  readonly mode: LockMode;
  /** What is done while it is held, that takes longer the larger the table is. */
  readonly work: readonly ('rewrite' | 'scan' | 'index build')[];
};

export type StatementLocks = {
  /** Offsets in the file. */
  readonly statement: Extent;
  readonly locks: readonly TableLock[];
  /** In words: `column users.email`. */
  readonly drops: readonly string[];
  /** True when a part of it is not understood, and may lock more. */
  readonly isOpaque: boolean;
};

/** Of the statement at the offset, on the schema that the earlier files leave; null between statements. */
export function statementLocks(file: LintFile, offset: number, schema: Catalog): StatementLocks | null {
  const statements = forwardStatements(parseLeniently(file.path, file.source).parsed);
  let catalog = schema;
  let assumed: ReadonlySet<string> = new Set();
  for (const statement of statements) {
    const isWanted = statement.start <= offset && offset <= statement.end;
    const effects: Effects[] = [];
    for (const { change } of statementChanges(statement).changes) {
      ({ catalog, assumed } = assumeTables({ catalog, assumed }, change));
      if (isWanted) effects.push(effectsOf(change, catalog));
      catalog = foldChange(catalog, change);
    }
    if (isWanted) {
      const isUsed = (table: QualifiedName): boolean =>
        schema.tables.has(objectKey(table)) || assumed.has(objectKey(table));
      return together(statement, effects, isUsed);
    }
  }
  return null;
}

function together(
  { start, end }: Extent,
  effects: readonly Effects[],
  isUsed: (table: QualifiedName) => boolean,
): StatementLocks {
  const claims = effects.flatMap(({ locks }) => locks).filter(({ table }) => isUsed(table));
  const tables = new Map(claims.map(({ table }) => [objectKey(table), table]));
  const has = (list: readonly QualifiedName[], key: string): boolean => list.some((table) => objectKey(table) === key);
  return {
    statement: { start, end },
    locks: [...tables].map(([key, table]) => ({
      table,
      mode:
        strongest(claims.filter((claim) => objectKey(claim.table) === key).map(({ mode }) => mode)) ?? 'ACCESS SHARE',
      work: [
        ...(effects.some(({ rewrites }) => has(rewrites, key)) ? (['rewrite'] as const) : []),
        ...(effects.some(({ scans }) => has(scans, key)) ? (['scan'] as const) : []),
        ...(effects.some(({ indexBuilds }) => has(indexBuilds, key)) ? (['index build'] as const) : []),
      ],
    })),
    drops: effects.flatMap(({ drops }) => drops),
    isOpaque: effects.some(({ unknown }) => unknown),
  };
}
