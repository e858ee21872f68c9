/** A case as the generator makes it: small pieces of SQL, so that it can be made smaller piece by piece. */

/** `head` + `items`, with commas between them + `tail`. */
export type Statement = {
  readonly head: string;
  readonly items: readonly string[];
  readonly tail: string;
  /** A `migrate:` directive above it. */
  readonly directive: string | null;
  /** What it means in plain SQL, where the statement itself would fail. */
  readonly meaning: readonly string[] | null;
  /** `schema.table.column` of a column whose rows of `given` it fills, which a rollback leaves so. */
  readonly keeps: string | null;
};

/** Rows made from a number `n`. */
export type Rows = {
  readonly table: string;
  readonly count: number;
  readonly values: readonly { readonly column: string; readonly expression: string }[];
};

export type Given = Statement | Rows;

export type GeneratedCase = {
  readonly given: readonly Given[];
  readonly migrations: readonly (readonly Statement[])[];
  /** All names that were made up, as they stand in the SQL. */
  readonly names: readonly string[];
};

export function statement(head: string, items: readonly string[] = [], tail = ''): Statement {
  return { head, items, tail, directive: null, meaning: null, keeps: null };
}

export function isRows(given: Given): given is Rows {
  return 'count' in given;
}

export function textOf(given: Given): string {
  if (!isRows(given)) return `${given.head}${given.items.join(', ')}${given.tail}`;
  const columns = given.values.map(({ column }) => column).join(', ');
  const values = given.values.map(({ expression }) => expression).join(', ');
  return `insert into ${given.table} (${columns}) select ${values} from generate_series(1, ${given.count}) as n`;
}

/** The file of a migration. */
export function migrationText(statements: readonly Statement[]): string {
  return statements
    .map((each) => `${each.directive === null ? '' : `-- migrate:${each.directive}\n`}${textOf(each)};`)
    .join('\n');
}

/** The case as a file of test/operations/cases. */
export function caseFileText({ given, migrations }: GeneratedCase, title: string): string {
  const meanings = migrations.flat().some(({ meaning }) => meaning !== null)
    ? ['-- same as', ...migrations.flat().flatMap((each) => (each.meaning ?? [textOf(each)]).map((text) => `${text};`))]
    : [];
  const kept = new Set(migrations.flat().flatMap(({ keeps }) => keeps ?? []));
  return [
    `-- ${title}`,
    ...[...kept].map((column) => `-- keeps data ${column}: the migration fills it`),
    '-- given',
    ...given.map((each) => `${textOf(each)};`),
    ...migrations.flatMap((statements) => ['-- change', migrationText(statements)]),
    ...meanings,
    '',
  ].join('\n');
}
