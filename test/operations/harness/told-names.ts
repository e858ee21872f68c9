/**
 * A migration that waits for another one's contract speaks of its own old version: the one that knows what that contract
 * leaves. Here one old version lives through all of them, and is told by the names that it knows.
 */
import { sameName } from '../../../src/catalog/lookup.ts';
import type { QualifiedName } from '../../../src/catalog/model.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import type { Names, VersionPromise } from '../../../src/plan/version-promise.ts';

export function toldByOldNames({ migrations }: Plan): readonly VersionPromise[] {
  return migrations.reduce<readonly VersionPromise[]>(
    (told, { versions, waitsFor }) => [
      ...told,
      ...(waitsFor === null ? versions : versions.map((promise) => byFirstNames(promise, told))),
    ],
    [],
  );
}

function byFirstNames(promise: VersionPromise, told: readonly VersionPromise[]): VersionPromise {
  if (promise.kind === 'object') return promise;
  const table = firstTable(promise.table, told);
  const column = (names: Names<string>): Names<string> => firstColumn(names, promise.table.old, told);
  switch (promise.kind) {
    case 'table':
      return { ...promise, table };
    case 'column':
    case 'type':
    case 'default':
      return { ...promise, table, column: column(promise.column) };
    case 'rows':
      return { ...promise, table, columns: promise.columns.map(column) };
    case 'rule':
    case 'old rule': {
      const references = promise.references === null ? null : firstTable(promise.references, told);
      return { ...promise, table, references, columns: promise.columns.map(column) };
    }
  }
}

function firstTable(names: Names<QualifiedName>, told: readonly VersionPromise[]): Names<QualifiedName> {
  const word = told.findLast((each) => each.kind === 'table' && isSame(each.table.new, names.old));
  return word?.kind === 'table' ? { ...names, old: word.table.old } : names;
}

function firstColumn(
  names: Names<string>,
  table: QualifiedName | null,
  told: readonly VersionPromise[],
): Names<string> {
  const word = told.findLast(
    (each) => each.kind === 'column' && isSame(each.table.new, table) && each.column.new === names.old,
  );
  return word?.kind === 'column' && names.old !== null ? { ...names, old: word.column.old } : names;
}

function isSame(one: QualifiedName | null, other: QualifiedName | null): boolean {
  return one !== null && other !== null && sameName(one, other);
}
