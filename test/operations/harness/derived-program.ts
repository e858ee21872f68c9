/**
 * The statements of a version, derived from the schema that it knows: for each table it inserts copies of rows that are
 * there (so checks and foreign keys hold) with new values where a key asks for them, changes and reads them, deletes
 * some, and changes rows of `given`. Each statement follows from the round's number and from what the plan promises.
 *
 * It does all that the plan's promises allow, and nothing else: of the other version it knows no more than they say. So a
 * promise that is too wide makes a statement fail.
 *
 * Two versions never write to the same row: their numbers differ, and each has its half of the rows of `given`. So the
 * end does not depend on who came first, and what is in the database can be compared.
 */
import { objectKey, type Column, type Table } from '../../../src/catalog/model.ts';
import { identifier, join, literal, qualified, sql, type SqlFragment } from '../../../src/sql/template.ts';
import type { OperationCase } from './case-file.ts';
import { freshValue, someValue, typeClass } from './fresh-value.ts';
import { columnList, selectFrom, where } from './row-sql.ts';
import { applicationTables, type KnownSchema, type Row } from './known-schema.ts';
import { Promised, type Word } from './promised.ts';
import { keyOf, referredColumn, tableRules, type TableRules } from './table-rules.ts';
import type { ClientProgram, ClientStatement, Round, Version } from './version-client.ts';

export type DerivedFrom = {
  readonly version: Version;
  readonly own: KnownSchema;
  /** For nothing but to share the rows of `given` between the two. */
  readonly other: KnownSchema;
  readonly operationCase: OperationCase;
  /** The case states the other version's statements, so nobody knows which rows of `given` these change. */
  readonly otherIsStated: boolean;
};

export function derivedProgram(from: DerivedFrom): ClientProgram {
  let last: { readonly word: Word; readonly statements: Statements } | null = null;
  const statementsUnder = (word: Word): Statements => {
    if (last?.word !== word) last = { word, statements: statementsOf(from, new Promised(from.version, word)) };
    return last.statements;
  };
  return {
    writes: (word) => statementsUnder(word).writes,
    round: (round) => statementsUnder(round.word).round(round),
  };
}

type Statements = { readonly writes: boolean; round(round: Round): readonly ClientStatement[] };

function statementsOf(from: DerivedFrom, promised: Promised): Statements {
  const tables = applicationTables(from.own.catalog).flatMap((table) => tableStatements(table, from, promised));
  const views = promised.usableViews(from.own.catalog).map((view) => selectFrom(view));
  return {
    writes: tables.some(({ writes }) => writes),
    round: (round) => [...tables.flatMap((each) => each.round(round)), ...views],
  };
}

const mostExamples = 6;
const mostGivenRows = 12;
/** Rows that stated clients change: `:r`, and the small keys that people write by hand. */
const statedRows = 200;

function tableStatements(whole: Table, from: DerivedFrom, promised: Promised): readonly Statements[] {
  const table = promised.usable(whole);
  if (table === null || table.columns.length === 0) return [];
  const writer = new TableWriter(tableRules(table, whole, from.own.catalog, promised), from);
  const given = promised.mayChangeGivenRows(whole) ? writer.givenKeys() : [];
  const findsRow = !promised.mayLoseGivenRows();
  const everything = selectFrom(table);
  return [
    {
      writes: writer.canInsert || given.length > 0,
      round({ number }) {
        const turn = Math.floor(number / 2);
        const changed = given[turn % given.length];
        return [
          ...(writer.canInsert ? writer.ownRow(turn, number) : []),
          ...(changed === undefined ? [] : [{ ...writer.update(changed, turn, markOf(number, 'given')), findsRow }]),
          everything,
        ];
      },
    },
  ];
}

class TableWriter {
  readonly canInsert: boolean;
  readonly #rules: TableRules;
  readonly #from: DerivedFrom;
  /** Rows that this version may copy. */
  readonly #examples: readonly Row[];
  /** The columns that get a number of their own in each row, so that all keys differ. */
  readonly #fresh: ReadonlySet<string>;
  /** The columns that find the rows it wrote. */
  readonly #address: readonly string[] | null;
  /** The columns that UPDATE may set from another example. */
  readonly #copied: readonly string[];

  constructor(rules: TableRules, from: DerivedFrom) {
    this.#from = from;
    this.#rules = rules;
    this.#examples = this.#findExamples();
    const fresh = this.#findFresh();
    const marker = this.#rules.key === null ? this.#findMarker() : null;
    this.#fresh = new Set([...(fresh ?? []), ...(marker === null ? [] : [marker])]);
    this.#copied = this.#findCopied();
    this.#address = this.#rules.key ?? (marker === null ? null : [marker]);
    // What the server computes refers to whatever row it comes to.
    const computesReference = rules.table.columns.some((c) => c.generated !== null && rules.references.has(c.name));
    const isSettled = rules.computed.size === 0;
    this.canInsert =
      fresh !== null && rules.mayInsert && isSettled && !computesReference && this.#values(0, 1) !== null;
  }

  /** Inserts a row, changes it, reads it, and deletes every other one. */
  ownRow(turn: number, number: number): readonly ClientStatement[] {
    const values = this.#values(turn, number);
    if (values === null) return [];
    const leavesOut = turn % 2 === 1;
    const written = [...values].filter(([name]) => !(leavesOut && this.#mayLeaveOut(this.#column(name))));
    const insert = { text: this.#insert(written).text, writes: true, findsRow: true };
    const names = new Set(written.map(([name]) => name));
    if (this.#address?.every((name) => names.has(name)) !== true) return [insert];
    const row = new Map(this.#address.map((name) => [name, values.get(name) ?? null]));
    const deletes = turn % 4 > 1 && !this.#rules.referenced;
    return [
      insert,
      this.update(row, turn + 1, markOf(number, 'change')),
      {
        text: sql`select ${columnList(this.#rules.table)} from ${this.#name} where ${where(row)}`.text,
        writes: false,
        findsRow: true,
      },
      ...(deletes
        ? [{ text: sql`delete from ${this.#name} where ${where(row)}`.text, writes: true, findsRow: true }]
        : []),
    ];
  }

  update(row: Row, turn: number, number: number): ClientStatement {
    const example = this.#exampleOf(turn);
    const set = this.#copied.map((name) => {
      const copied = example === undefined ? null : this.#copiedValue(example, name);
      return sql`${identifier(name)} = ${literal(this.#ownValue(name, copied, number) ?? copied)}`;
    });
    const assignments = set.length > 0 ? join(set) : this.#noChange();
    return {
      text: sql`update ${this.#name} set ${assignments} where ${where(row)}`.text,
      writes: true,
      findsRow: true,
    };
  }

  /** This version's half of the rows of `given`, by their keys. */
  givenKeys(): readonly Row[] {
    const { version, own, other, otherIsStated } = this.#from;
    const { key, table } = this.#rules;
    const there = other.catalog.tables.get(objectKey(table));
    if (key === null || (version === 'new' && there !== undefined && keyOf(there)?.length !== key.length)) return [];
    return (own.rows.get(objectKey(table)) ?? [])
      .map((row) => new Map(key.map((name) => [name, this.#copiedValue(row, name)])))
      .filter((row) => {
        const values = [...row.values()];
        const isOwn = hashOf(values.join('/')) % 2 === (version === 'old' ? 0 : 1);
        return isOwn && (!otherIsStated || (values.length === 1 && Number(values[0]) > statedRows));
      })
      .slice(0, mostGivenRows);
  }

  get #name(): SqlFragment {
    return qualified(this.#rules.table);
  }

  #column(name: string): Column {
    const column = this.#rules.table.columns.find((each) => each.name === name);
    if (column === undefined) throw new Error(`${this.#rules.table.name} has no column ${name}.`);
    return column;
  }

  get #writable(): readonly Column[] {
    return this.#rules.table.columns.filter(
      ({ generated, identity }) => generated === null && identity?.kind !== 'always',
    );
  }

  #findExamples(): readonly Row[] {
    const all = this.#from.own.rows.get(objectKey(this.#rules.table)) ?? [];
    const allowed = all
      .filter((row) => [...this.#rules.requiredByOther].every((name) => row.get(name) !== null))
      .filter((row) => this.#stays(row));
    const step = Math.max(1, Math.floor(allowed.length / mostExamples));
    return allowed.filter((_, index) => index % step === 0).slice(0, mostExamples);
  }

  /** What the migration itself deletes it may delete of a copy, too. */
  #stays(row: Row): boolean {
    const { key, table } = this.#rules;
    const { version, other } = this.#from;
    const there = other.catalog.tables.get(objectKey(table));
    const rows = other.rows.get(objectKey(table));
    const known = key?.every((name) => there?.columns.some((column) => column.name === name));
    if (version === 'new' || key === null || rows === undefined || known !== true) return true;
    const textOf = (one: Row): string => JSON.stringify(key.map((name) => this.#copiedValue(one, name)));
    return rows.some((one) => textOf(one) === textOf(row));
  }

  #exampleOf(turn: number): Row | undefined {
    return this.#examples[turn % this.#examples.length];
  }

  /** One column of each unique key; null when a key has none that could differ by a number. */
  #findFresh(): ReadonlySet<string> | null {
    const chosen = new Set<string>();
    for (const columns of this.#rules.uniques) {
      const given = columns.some((name) => !this.#writable.some((column) => column.name === name) || chosen.has(name));
      if (given || columns.length === 0) continue;
      const best = columns
        .map((name, index) => ({ name, rank: this.#freshRank(name) + index }))
        .filter(({ rank }) => rank >= 0)
        .toSorted((a, b) => b.rank - a.rank)[0];
      if (best === undefined) return null;
      chosen.add(best.name);
    }
    return chosen;
  }

  /** Below zero: cannot have a number. */
  #freshRank(name: string): number {
    const { references, partitioning, otherTypes } = this.#rules;
    const kind = typeClass(this.#from.own.catalog, this.#column(name).type);
    if (kind === 'other' || references.has(name)) return -1000;
    return (partitioning.has(name) ? 0 : 200) + (otherTypes.has(name) ? 0 : 50) + (kind === 'text' ? 0 : 20);
  }

  /** A column by which rows without a key are found again. */
  #findMarker(): string | null {
    const { assigned } = this.#rules;
    return this.#writable.find(({ name }) => this.#isFree(name) && !assigned.has(name))?.name ?? null;
  }

  /** May have any value of its type. */
  #isFree(name: string): boolean {
    const { bound, partitioning, otherTypes } = this.#rules;
    const { type } = this.#column(name);
    const plain = ['text', 'number'].includes(typeClass(this.#from.own.catalog, type)) && !type.startsWith('smallint');
    return (
      plain && !partitioning.has(name) && !otherTypes.has(name) && !bound.some((columns) => columns.includes(name))
    );
  }

  #findCopied(): readonly string[] {
    const { uniques, partitioning, bound } = this.#rules;
    const { computed } = this.#rules;
    const using = this.#from.version === 'old' ? usingTexts(this.#from.operationCase).join('\n') : '';
    let copied = this.#writable
      .map(({ name }) => name)
      // What the migration makes of a column is made once: a later change would not be followed.
      .filter((name) => !this.#fresh.has(name) && !partitioning.has(name) && !using.includes(name))
      .filter((name) => !computed.has(name))
      .filter((name) => !uniques.some((columns) => columns.includes(name)));
    for (;;) {
      const apart = bound.filter((columns) => columns.some((name) => !copied.includes(name))).flat();
      const left = copied.filter((name) => !apart.includes(name));
      if (left.length === copied.length)
        return this.#examples.length === 0 ? left.filter((n) => this.#isFree(n)) : left;
      copied = left;
    }
  }

  /** A whole row; null when a required column cannot be given a value. */
  #values(turn: number, number: number): Map<string, string | null> | null {
    const example = this.#exampleOf(turn);
    const values = new Map<string, string | null>();
    for (const { name, type, notNull } of this.#writable) {
      const copied = example === undefined ? this.#inventedValue(name, number) : this.#copiedValue(example, name);
      const value = this.#fresh.has(name)
        ? freshValue(this.#from.own.catalog, type, copied, number)
        : (this.#ownValue(name, copied, markOf(number, 'insert')) ?? copied);
      if (value === null && (notNull || this.#fresh.has(name) || this.#rules.requiredByOther.has(name))) return null;
      values.set(name, value);
    }
    return values;
  }

  /** Of a changed type: as both types can read it. */
  #copiedValue(example: Row, name: string): string | null {
    const value = example.get(name) ?? null;
    return this.#rules.otherTypes.has(name) ? (value?.replace(/^(-?\d+)\.0+$/, '$1') ?? null) : value;
  }

  /** A value that says who wrote it, where the column may have any; else null. An empty example stays empty. */
  #ownValue(name: string, example: string | null, number: number): string | null {
    const isOwn = this.#copied.includes(name) && this.#isFree(name);
    if (!isOwn || (example === null && this.#examples.length > 0)) return null;
    return freshValue(this.#from.own.catalog, this.#column(name).type, example, number);
  }

  #inventedValue(name: string, number: number): string | null {
    const { catalog, rows } = this.#from.own;
    // What USING makes of a value that nobody has seen yet cannot be known.
    if (this.#rules.otherTypes.has(name)) return null;
    const referred = referredColumn(this.#rules.table, name);
    if (referred !== null) return rows.get(objectKey(referred.table))?.[0]?.get(referred.column) ?? null;
    // Of a foreign key of several columns, NULL refers to nothing.
    if (this.#rules.references.has(name)) return null;
    const { type } = this.#column(name);
    return freshValue(catalog, type, null, number) ?? someValue(catalog, type);
  }

  #mayLeaveOut({ name, default: value, identity }: Column): boolean {
    const hasDefault = identity !== null || (value !== null && !/^null\b/i.test(value));
    // A default need not refer to any row.
    if (!hasDefault || this.#rules.withoutDefault.has(name) || this.#rules.references.has(name)) return false;
    return !this.#fresh.has(name) || identity !== null || /nextval\(|uuid\(/.test(value ?? '');
  }

  #insert(written: readonly (readonly [string, string | null])[]): SqlFragment {
    if (written.length === 0) return sql`insert into ${this.#name} default values`;
    const names = join(written.map(([name]) => identifier(name)));
    return sql`insert into ${this.#name} (${names}) values (${join(written.map(([, value]) => literal(value)))})`;
  }

  /** An UPDATE that changes nothing is one, too: triggers fire, and the row gets another place. */
  #noChange(): SqlFragment {
    const name = identifier(this.#writable[0]?.name ?? '');
    return sql`${name} = ${name}`;
  }
}

function usingTexts({ changes }: OperationCase): readonly string[] {
  return changes.flatMap((source) => source.split('\n')).filter((line) => line.includes('migrate:using'));
}

/** What a statement puts into the columns that may have any value: no two statements write the same. */
function markOf(number: number, kind: 'insert' | 'change' | 'given'): number {
  return number * 10 + ['insert', 'change', 'given'].indexOf(kind);
}

function hashOf(text: string): number {
  return Buffer.from(text).reduce((sum, byte) => sum + byte, 0);
}
