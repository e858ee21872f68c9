/**
 * What a block of code will do on a given schema: which of its statements run for certain, which may run, and what nobody
 * can know before. Functions that it calls are looked into as well, as far as the catalog has their text.
 */
import type { Node } from '@pgsql/types';
import { MigrateError } from '../../errors.ts';
import type { Catalog, FunctionObject } from '../../catalog/model.ts';
import { volatility } from '../../postgres/volatility.ts';
import { parseCodeBlock, type BlockPart, type CodeBlock } from '../../sql/code-block.ts';
import { parseExpression, parseStatements, type SqlStatement } from '../../sql/parse.ts';
import { functionCalls, type FunctionReference } from '../../sql/walk.ts';
import type { Change } from '../change.ts';
import { decideCondition, duplicateOf } from './guard.ts';

export type CodeOutcome = {
  /** What runs, in this order; the whole truth only when `certain`. */
  readonly runs: readonly Change[];
  /** Everything that may run. */
  readonly possible: readonly Change[];
  /** Exactly `runs` will run, or nothing at all because a statement fails. */
  readonly certain: boolean;
  /** What nobody can look into, in words. */
  readonly unknown: readonly string[];
  /** It commits by itself, which a transaction around it would not take. */
  readonly endsTransaction: boolean;
  /** It calls functions of the server that do more than answer: setval, pg_notify. */
  readonly hasSideEffects: boolean;
};

/** The operations, which know what single statements are. */
export type Statements = {
  readonly decode: (statement: SqlStatement) => readonly Change[];
  readonly apply: (catalog: Catalog, change: Change) => Catalog;
};

/** Functions that call functions are followed this far; nobody reads a plan about more. */
const deepest = 5;

export function outcomeOfCode(code: CodeBlock, catalog: Catalog, statements: Statements): CodeOutcome {
  const walk = new Walk(catalog, statements, 0);
  walk.all(code.parts);
  return walk.outcome();
}

class Walk {
  #catalog: Catalog;
  readonly #statements: Statements;
  readonly #depth: number;
  readonly #runs: Change[] = [];
  readonly #possible: Change[] = [];
  readonly #unknown = new Set<string>();
  #certain = true;
  #endsTransaction = false;
  #hasSideEffects = false;

  constructor(catalog: Catalog, statements: Statements, depth: number) {
    this.#catalog = catalog;
    this.#statements = statements;
    this.#depth = depth;
  }

  outcome(): CodeOutcome {
    const nothing = this.#possible.length === 0 && this.#unknown.size === 0;
    return {
      runs: this.#runs,
      possible: this.#possible,
      certain: nothing || (this.#certain && this.#unknown.size === 0),
      unknown: [...this.#unknown],
      endsTransaction: this.#endsTransaction,
      hasSideEffects: this.#hasSideEffects,
    };
  }

  all(parts: readonly BlockPart[]): void {
    for (const part of parts) this.#part(part);
  }

  #part(part: BlockPart): void {
    switch (part.kind) {
      case 'statement':
        this.#statement(part.sql);
        return;
      case 'value':
        this.#value(part.sql);
        return;
      case 'if': {
        if (part.condition !== null) this.#value(part.condition);
        const holds = part.condition === null ? null : decideCondition(part.condition, this.#catalog);
        if (holds === null) this.#certain &&= isEmpty(part.whenTrue) && isEmpty(part.otherwise);
        if (holds !== false) this.all(part.whenTrue);
        if (holds !== true) this.all(part.otherwise);
        return;
      }
      case 'attempt':
        this.#attempt(part);
        return;
      case 'loop':
        this.#certain &&= isEmpty(part.body);
        this.all(part.body);
        return;
      case 'transaction end':
        this.#certain = false;
        this.#endsTransaction = true;
        return;
      case 'unknown':
        this.#unknown.add(part.what);
    }
  }

  /** Whoever has nothing to do when an object is there leaves it as it is. */
  #attempt({ body, handlers }: Extract<BlockPart, { readonly kind: 'attempt' }>): void {
    const errors = handlers.flatMap(({ conditions }) => conditions);
    const silent = handlers.every(({ actions }) => isEmpty(actions));
    const onlyDuplicates = errors.every((error) => duplicateErrors.has(error));
    const changes = body.flatMap((part) => (part.kind === 'statement' ? this.#decoded(part.sql) : []));
    const duplicates = changes.map((change) => duplicateOf(change, this.#catalog));
    const isPlain = body.every(({ kind }) => kind === 'statement') && changes.length === body.length;
    if (silent && onlyDuplicates && isPlain && duplicates.every((duplicate) => duplicate !== null)) {
      const there = duplicates.find((duplicate) => duplicate?.exists === true);
      // What was done before it is taken back with it.
      if (there?.error.some((error) => errors.includes(error)) === true) return;
      if (there === undefined) {
        this.all(body);
        return;
      }
    }
    this.#certain &&= isEmpty(body) && silent;
    this.all(body);
    for (const { actions } of handlers) this.all(actions);
  }

  #statement(sql: string): void {
    const changes = this.#decoded(sql);
    if (changes.length === 0) this.#unknown.add(`"${firstWords(sql)}"`);
    for (const change of changes) {
      if (change.kind === 'raw' && change.code !== null) {
        this.all(change.code.parts);
        continue;
      }
      if (change.kind === 'raw' || change.kind === 'set_session' || change.kind === 'transaction_control') {
        this.#unknown.add(`"${firstWords(sql)}"`);
        continue;
      }
      this.#possible.push(change);
      this.#runs.push(change);
      this.#catalog = this.#statements.apply(this.#catalog, change);
    }
  }

  #decoded(sql: string): readonly Change[] {
    return parsed(sql).flatMap((statement) => this.#statements.decode(statement));
  }

  /** A value is as harmless as the functions that make it. */
  #value(sql: string): void {
    for (const call of callsIn(sql)) {
      if (call === null) this.#unknown.add(`"${firstWords(sql)}"`);
      else this.#call(call);
    }
  }

  #call(call: FunctionReference): void {
    const name = call.schema === undefined ? call.name : `${call.schema}.${call.name}`;
    const candidates = [...this.#catalog.functions.values()].filter(
      (each) => each.name === call.name && (call.schema === undefined || each.schema === call.schema),
    );
    if (candidates.length === 0) {
      const known = volatility(call.name, call.schema ?? null);
      this.#hasSideEffects ||= known === 'volatile';
      if (known === 'unknown' || call.name === 'set_config') this.#unknown.add(`what the function ${name} does`);
      return;
    }
    const parts = this.#depth < deepest ? candidates.map(bodyOf) : [null];
    if (parts.some((part) => part === null)) {
      this.#unknown.add(`what the function ${name} does`);
      return;
    }
    // Which of several is meant depends on the arguments, so any of them may be.
    const inner = new Walk(this.#catalog, this.#statements, this.#depth + 1);
    inner.all(parts.flatMap((part) => part?.parts ?? []));
    const outcome = inner.outcome();
    const isExact = candidates.length === 1 && !parts.some((part) => part?.hasVariables === true);
    this.#possible.push(...outcome.possible);
    this.#runs.push(...outcome.runs);
    for (const what of outcome.unknown) this.#unknown.add(`${what}, in the function ${name}`);
    if (outcome.possible.length > 0) this.#certain &&= outcome.certain && isExact;
    this.#endsTransaction ||= outcome.endsTransaction;
    this.#hasSideEffects ||= outcome.hasSideEffects;
    for (const change of outcome.possible) this.#catalog = this.#statements.apply(this.#catalog, change);
  }
}

const duplicateErrors: ReadonlySet<string> = new Set([
  'duplicate_object',
  '42710',
  'duplicate_table',
  '42P07',
  'duplicate_column',
  '42701',
]);

/** Does nothing, whatever happens. */
function isEmpty(parts: readonly BlockPart[]): boolean {
  return parts.every((part) => {
    if (part.kind === 'if') return isEmpty(part.whenTrue) && isEmpty(part.otherwise);
    if (part.kind === 'loop') return isEmpty(part.body);
    return false;
  });
}

/** A text that only the block's own variables make sense of is no statement. */
function parsed(sql: string): readonly SqlStatement[] {
  try {
    return parseStatements(sql);
  } catch (error) {
    if (error instanceof MigrateError) return [];
    throw error;
  }
}

/** The calls in an expression or a query; null stands for a text that is neither. */
function callsIn(sql: string): readonly (FunctionReference | null)[] {
  const statements = parsed(sql);
  if (statements.length > 0) return statements.flatMap(({ node }) => callsOf(node));
  try {
    return functionCalls(parseExpression(sql));
  } catch (error) {
    if (error instanceof MigrateError) return [null];
    throw error;
  }
}

/** CALL names its procedure in a field of its own. */
function callsOf(node: Node): readonly FunctionReference[] {
  const called = 'CallStmt' in node ? node.CallStmt.funccall : undefined;
  return [...functionCalls(node), ...(called === undefined ? [] : functionCalls({ FuncCall: called }))];
}

function bodyOf({ definition }: FunctionObject): CodeBlock | null {
  const [statement] = parsed(definition);
  if (statement === undefined || !('CreateFunctionStmt' in statement.node)) return null;
  const { options, sql_body } = statement.node.CreateFunctionStmt;
  const option = (name: string) =>
    (options ?? []).flatMap((item) =>
      'DefElem' in item && item.DefElem.defname === name ? [item.DefElem.arg] : [],
    )[0];
  const language = textOf(option('language'));
  if (language === 'plpgsql') return parseCodeBlock(definition);
  const [text] = listOf(option('as'));
  if (language !== 'sql' || sql_body !== undefined || text === undefined) return null;
  const parts = parsed(text).map((each): BlockPart => ({ kind: 'statement', sql: each.text }));
  return { parts, hasVariables: true };
}

function textOf(node: Node | undefined): string | undefined {
  return node !== undefined && 'String' in node ? node.String.sval : undefined;
}

function listOf(node: Node | undefined): readonly string[] {
  const items = node !== undefined && 'List' in node ? (node.List.items ?? []) : [];
  return items.flatMap((item) => textOf(item) ?? []);
}

function firstWords(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ').trim().split(' ').slice(0, 4).join(' ');
}
