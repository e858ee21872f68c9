/** What the plan promises one version about one table, at one time: the only thing that a derived client knows of the other. */
import { sameName } from '../../../src/catalog/lookup.ts';
import type { Catalog, QualifiedName, Table, View } from '../../../src/catalog/model.ts';
import type { Phase } from '../../../src/operations/step-draft.ts';
import { isBefore } from '../../../src/plan/order.ts';
import type { Names, OldRulePromise, RulePromise, VersionPromise } from '../../../src/plan/version-promise.ts';
import type { Version } from './version-client.ts';

/** What a version has been told, and the last phase that is done. */
export type Word = { readonly promises: readonly VersionPromise[]; readonly done: Phase | null };

export const everythingDone: Word = { promises: [], done: 'contract' };

type TableWord = Exclude<VersionPromise, { kind: 'object' }>;

export class Promised {
  readonly #word: Word;
  readonly #version: Version;

  constructor(version: Version, word: Word) {
    this.#version = version;
    this.#word = word;
  }

  isDone(phase: Phase): boolean {
    const { done } = this.#word;
    return done !== null && !isBefore(done, phase);
  }

  /** As it is for this version now: without the columns that it must not use yet. Null when it must not use the table. */
  usable(table: Table): Table | null {
    if (this.#version === 'old') return table;
    const words = this.about(table);
    if (words.some((word) => word.kind === 'table' && !this.isDone(word.from))) return null;
    const late = new Set(
      words.flatMap((word) => (word.kind === 'column' && !this.isDone(word.from) ? (word.column.new ?? []) : [])),
    );
    const isKnown = (columns: readonly string[]) => !columns.some((name) => late.has(name));
    return {
      ...table,
      columns: table.columns.filter(({ name }) => !late.has(name)),
      constraints: table.constraints.filter(({ columns }) => isKnown(columns)),
      indexes: table.indexes.filter(({ keys }) => isKnown(keys.flatMap(({ column }) => column ?? []))),
    };
  }

  usableViews({ views }: Catalog): readonly View[] {
    const isLate = (view: QualifiedName) =>
      this.#word.promises.some(
        (word) => word.kind === 'object' && sameName(word.name, view) && !this.isDone(word.from),
      );
    const all = [...views.values()].filter(({ populated }) => populated);
    return this.#version === 'old' ? all : all.filter((view) => !isLate(view));
  }

  /** Whether a row of this version may be without values in columns that it does not know, or must not use yet. */
  mayInsert(table: Table): boolean {
    if (this.#version === 'old') return true;
    const usable = this.usable(table);
    const isLate = ({ name }: Table['columns'][number]) => usable?.columns.every((column) => column.name !== name);
    const required = table.columns.filter(
      ({ notNull, default: value, identity, generated }) =>
        notNull && value === null && identity === null && generated === null,
    );
    return (
      usable !== null &&
      !required.some(isLate) &&
      !this.about(table).some(
        (word) =>
          (word.kind === 'column' && word.requiredUntil !== null && !this.isDone(word.requiredUntil)) ||
          (word.kind === 'old rule' &&
            word.rule === 'not null' &&
            word.columns.some((column) => column.new === null) &&
            !this.isDone(word.until)),
      )
    );
  }

  /** Whether the migration is done with the rows that were there before. */
  mayChangeGivenRows(table: Table): boolean {
    if (this.#version === 'old') return true;
    return !this.about(table).some(
      (word) =>
        (word.kind === 'rows' && !this.isDone(word.from)) ||
        (word.kind === 'column' && word.filled !== null && !this.isDone(word.filled)),
    );
  }

  /** Whether the migration deletes rows, with which others may go along a foreign key. */
  mayLoseGivenRows(): boolean {
    return this.#word.promises.some((word) => word.kind === 'rows' && word.command === 'delete');
  }

  /** Rules of the other version that this one must keep to, by the names that it knows. */
  rules(table: Table): readonly { readonly rule: RulePromise['rule']; readonly columns: readonly string[] }[] {
    return this.#binding(this.about(table)).flatMap(({ rule, columns }) => {
      const own = columns.map((column) => column[this.#version]);
      return own.some((name) => name === null) ? [] : [{ rule, columns: own.filter((name) => name !== null) }];
    });
  }

  /** Whether a foreign key of the other version refers to the table. */
  isReferenced(table: Table): boolean {
    return this.#binding(this.#word.promises).some(({ references }) => this.#is(references, table));
  }

  /** Columns whose values must be valid for two types. */
  withTwoTypes(table: Table): readonly string[] {
    return this.about(table).flatMap((word) =>
      word.kind === 'type' && (this.#version === 'old' || !this.isDone(word.from))
        ? (word.column[this.#version] ?? [])
        : [],
    );
  }

  /** Columns whose values the migration will make others of. */
  computed(table: Table): readonly string[] {
    return this.about(table).flatMap((word) =>
      word.kind === 'type' && word.computed !== null && this.#version === 'new' && !this.isDone(word.from)
        ? (word.column.new ?? [])
        : [],
    );
  }

  /** Columns whose default is not there yet. */
  withoutDefault(table: Table): readonly string[] {
    return this.about(table).flatMap((word) =>
      word.kind === 'default' && this.#version === 'new' && !this.isDone(word.from) ? (word.column.new ?? []) : [],
    );
  }

  /** Columns that the migration's own UPDATE sets, in whatever row. */
  assigned(table: Table): readonly string[] {
    return this.about(table).flatMap((word) =>
      word.kind === 'rows' ? word.columns.flatMap((column) => column[this.#version] ?? []) : [],
    );
  }

  about(table: Table): readonly TableWord[] {
    return this.#word.promises.filter(
      (word): word is TableWord => word.kind !== 'object' && this.#is(word.table, table),
    );
  }

  #is(names: Names<QualifiedName> | null, table: Table): boolean {
    const own = names?.[this.#version] ?? null;
    return own !== null && sameName(own, table);
  }

  #binding(words: readonly VersionPromise[]): readonly (RulePromise | OldRulePromise)[] {
    return words.filter((word): word is RulePromise | OldRulePromise =>
      this.#version === 'old'
        ? word.kind === 'rule' && word.old === 'keeps'
        : word.kind === 'old rule' && !this.isDone(word.until),
    );
  }
}
