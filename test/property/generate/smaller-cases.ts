/**
 * A case with something left out, the largest parts first. Whether what is left still makes sense is the server's to
 * say: a schema that it does not take is no case.
 */
import { isRows, type GeneratedCase, type Given, type Statement } from './generated-case.ts';

export function* smallerCases(whole: GeneratedCase): IterableIterator<GeneratedCase> {
  for (const candidate of candidates(whole)) {
    const migrations = candidate.migrations.filter((statements) => statements.length > 0);
    if (migrations.length > 0) yield { ...candidate, migrations };
  }
}

function* candidates(whole: GeneratedCase): IterableIterator<GeneratedCase> {
  const { given, migrations, names } = whole;
  if (migrations.length > 1)
    for (const index of migrations.keys()) yield { ...whole, migrations: migrations.toSpliced(index, 1) };
  for (const name of names) {
    const without = withoutName(whole, name);
    if (sizeOf(without) < sizeOf(whole)) yield without;
  }
  for (const [index, statements] of migrations.entries())
    for (const smaller of listsWithout(statements, withoutItem))
      yield { ...whole, migrations: migrations.with(index, smaller) };
  for (const smaller of listsWithout<Given>(given, smallerGiven)) yield { ...whole, given: smaller };
  if (migrations.length > 1) yield { ...whole, migrations: [migrations.flat()] };
  for (const name of names) {
    if (/^[a-z]+\d+$/.test(name)) continue;
    const simple = `${/[a-z]+/.exec(name)?.[0].slice(0, 6) ?? 'name'}${names.indexOf(name) + 1}`;
    const renamed = mapTexts(whole, (text) => text.replaceAll(name, simple));
    yield { ...renamed, names: names.map((each) => (each === name ? simple : each)) };
  }
}

/** Without one element each, and with one element made smaller each. From the end: later ones need earlier ones. */
function* listsWithout<T>(list: readonly T[], smaller: (element: T) => Iterable<T>): IterableIterator<readonly T[]> {
  for (const index of [...list.keys()].toReversed()) yield list.toSpliced(index, 1);
  for (const [index, element] of list.entries()) for (const each of smaller(element)) yield list.with(index, each);
}

function* withoutItem(statement: Statement): IterableIterator<Statement> {
  const { items, meaning } = statement;
  if (meaning !== null || items.length < 2) return;
  for (const index of items.keys()) yield { ...statement, items: items.toSpliced(index, 1) };
}

function* smallerGiven(given: Given): IterableIterator<Given> {
  if (!isRows(given)) {
    yield* withoutItem(given);
    return;
  }
  for (const count of [1, 2, 3, 5]) if (count < given.count) yield { ...given, count };
  for (const [index, { column, expression }] of given.values.entries())
    for (const simpler of ['n', `'x'`])
      if (expression.length > simpler.length + 2)
        yield { ...given, values: given.values.with(index, { column, expression: simpler }) };
}

function withoutName(whole: GeneratedCase, name: string): GeneratedCase {
  const pattern = /^\w+$/.test(name) ? new RegExp(`(?<![\\w"])${name}(?![\\w"])`) : null;
  const has = (text: string): boolean => (pattern === null ? text.includes(name) : pattern.test(text));
  const without = (statement: Statement): readonly Statement[] => {
    if (has(statement.head) || has(statement.tail)) return [];
    const items = statement.items.filter((item) => !has(item));
    return items.length === 0 && statement.items.length > 0 ? [] : [{ ...statement, items }];
  };
  return {
    given: whole.given.flatMap((each): readonly Given[] => {
      if (!isRows(each)) return without(each);
      if (has(each.table)) return [];
      const values = each.values.filter(({ column }) => !has(column));
      return values.length === 0 ? [] : [{ ...each, values }];
    }),
    migrations: whole.migrations.map((statements) => statements.flatMap(without)),
    names: whole.names.filter((each) => each !== name),
  };
}

function mapTexts(whole: GeneratedCase, change: (text: string) => string): GeneratedCase {
  const changed = (each: Statement): Statement => ({
    head: change(each.head),
    items: each.items.map(change),
    tail: change(each.tail),
    directive: each.directive === null ? null : change(each.directive),
    keeps: each.keeps === null ? null : change(each.keeps),
    meaning: each.meaning === null ? null : each.meaning.map(change),
  });
  return {
    given: whole.given.map((each) =>
      isRows(each)
        ? {
            ...each,
            table: change(each.table),
            values: each.values.map(({ column, expression }) => ({ column: change(column), expression })),
          }
        : changed(each),
    ),
    migrations: whole.migrations.map((statements) => statements.map(changed)),
    names: whole.names,
  };
}

function sizeOf({ given, migrations }: GeneratedCase): number {
  const parts = [...given, ...migrations.flat()];
  return parts.reduce((sum, each) => sum + 1 + (isRows(each) ? each.values.length : each.items.length), 0);
}
