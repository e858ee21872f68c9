/**
 * What a PL/pgSQL body does, as far as it can be read: its statements under their conditions, and what nobody can know
 * before it runs. A part that is not understood is `unknown` and says what it is; nothing is left out silently.
 */
import { parseExpression } from './expression.ts';
import { readPlPgSql } from './grammar.ts';

export type BlockPart =
  | { readonly kind: 'statement'; readonly sql: string }
  /** A condition of null is one that is not a plain expression; the parts of `otherwise` run when it does not hold. */
  | {
      readonly kind: 'if';
      readonly condition: string | null;
      readonly whenTrue: readonly BlockPart[];
      readonly otherwise: readonly BlockPart[];
    }
  | {
      readonly kind: 'attempt';
      readonly body: readonly BlockPart[];
      /** Conditions as written: names (`duplicate_object`, `others`) and SQLSTATEs. */
      readonly handlers: readonly { readonly conditions: readonly string[]; readonly actions: readonly BlockPart[] }[];
    }
  | { readonly kind: 'loop'; readonly body: readonly BlockPart[] }
  /** An expression or a query whose value the block uses; what its functions do belongs to the block. */
  | { readonly kind: 'value'; readonly sql: string }
  /** COMMIT or ROLLBACK: the body cannot run in anybody's transaction. */
  | { readonly kind: 'transaction end' }
  | { readonly kind: 'unknown'; readonly what: string };

export type CodeBlock = {
  readonly parts: readonly BlockPart[];
  /** It has variables or parameters: its statements may mean something else when they stand alone. */
  readonly hasVariables: boolean;
};

/** Of a `DO` statement or a `CREATE FUNCTION … LANGUAGE plpgsql`; null when it is in another language. */
export function parseCodeBlock(source: string): CodeBlock | null {
  const [found] = list(record(readPlPgSql(source))['plpgsql_funcs']);
  const body = record(record(found)['PLpgSQL_function']);
  const action = record(body['action'])['PLpgSQL_stmt_block'];
  if (action === undefined) return null;
  return {
    parts: blockParts(record(action)),
    hasVariables: list(body['datums']).some((datum) => !isGiven(record(datum))),
  };
}

/** Whether it may commit or roll back on its own. */
export function endsTransaction(parts: readonly BlockPart[]): boolean {
  return parts.some((part) => {
    switch (part.kind) {
      case 'transaction end':
        return true;
      case 'if':
        return endsTransaction(part.whenTrue) || endsTransaction(part.otherwise);
      case 'attempt':
        return endsTransaction(part.body) || part.handlers.some(({ actions }) => endsTransaction(actions));
      case 'loop':
        return endsTransaction(part.body);
      default:
        return false;
    }
  });
}

/** Variables that every block has. */
const givenNames: ReadonlySet<unknown> = new Set(['found', 'sqlstate', 'sqlerrm']);

function isGiven(datum: Fields): boolean {
  return givenNames.has(record(datum['PLpgSQL_var'])['refname']);
}

function blockParts(block: Fields): readonly BlockPart[] {
  const body = list(block['body']).flatMap(part);
  const exceptions = record(record(block['exceptions'])['PLpgSQL_exception_block']);
  const handlers = list(exceptions['exc_list']).map((item) => {
    const handler = record(record(item)['PLpgSQL_exception']);
    return {
      conditions: list(handler['conditions']).map((each) =>
        String(record(record(each)['PLpgSQL_condition'])['condname']),
      ),
      actions: list(handler['action']).flatMap(part),
    };
  });
  return handlers.length === 0 ? body : [{ kind: 'attempt', body, handlers }];
}

function part(node: unknown): readonly BlockPart[] {
  const [tag = '', fields = {}] = Object.entries(record(node))[0] ?? [];
  const statement = record(fields);
  switch (tag.replace('PLpgSQL_stmt_', '')) {
    case 'block':
      return blockParts(statement);
    case 'execsql':
      return text(statement['sqlstmt'], (sql) => ({ kind: 'statement', sql }));
    case 'perform':
    case 'assign':
    case 'assert':
      return text(statement['expr'] ?? statement['cond'], (sql) => ({ kind: 'value', sql: valueOf(sql) }));
    case 'call':
      return text(statement['expr'], (sql) => ({ kind: 'statement', sql }));
    case 'dynexecute':
      return [executed(statement)];
    case 'if':
      return [choice(statement)];
    case 'loop':
    case 'while':
    case 'fori':
    case 'fors':
    case 'forc':
    case 'foreach_a':
      return [
        ...text(statement['query'], (sql) => ({ kind: 'value', sql })),
        { kind: 'loop', body: list(statement['body']).flatMap(part) },
      ];
    case 'commit':
    case 'rollback':
      return [{ kind: 'transaction end' }];
    case 'return':
    case 'raise':
    case 'getdiag':
    case 'exit':
      return [];
    case 'dynfors':
      return [{ kind: 'unknown', what: 'a loop over a query that is put together when it runs' }];
    case 'case':
      return [{ kind: 'unknown', what: 'a CASE' }];
    default:
      return [{ kind: 'unknown', what: tag.replace('PLpgSQL_stmt_', '').replaceAll('_', ' ').toUpperCase() }];
  }
}

/** EXECUTE of a constant is that statement. */
function executed(statement: Fields): BlockPart {
  const unknown: BlockPart = { kind: 'unknown', what: 'EXECUTE of a text that is put together when it runs' };
  const query = queryOf(statement['query']);
  if (query === null) return unknown;
  const node = parseExpression(query);
  const constant = 'A_Const' in node ? node.A_Const.sval?.sval : undefined;
  return constant === undefined ? unknown : { kind: 'statement', sql: constant };
}

function choice(statement: Fields): BlockPart {
  const branches = list(statement['elsif_list']).map((item) => record(record(item)['PLpgSQL_if_elsif']));
  const last = list(statement['else_body']).flatMap(part);
  const otherwise = branches.reduceRight<readonly BlockPart[]>(
    (rest, branch) => [
      {
        kind: 'if',
        condition: queryOf(branch['cond']),
        whenTrue: list(branch['stmts']).flatMap(part),
        otherwise: rest,
      },
    ],
    last,
  );
  return {
    kind: 'if',
    condition: queryOf(statement['cond']),
    whenTrue: list(statement['then_body']).flatMap(part),
    otherwise,
  };
}

/** `SELECT …` of PERFORM as it is; of an assignment what stands behind its sign. */
function valueOf(sql: string): string {
  const assigned = /^[^'"(]*?:?=\s*/.exec(sql);
  return assigned === null || /^\s*select\b/i.test(sql) ? sql : sql.slice(assigned[0].length);
}

function text(expression: unknown, make: (sql: string) => BlockPart): readonly BlockPart[] {
  const query = queryOf(expression);
  return query === null ? [] : [make(query)];
}

function queryOf(expression: unknown): string | null {
  const query = record(record(expression)['PLpgSQL_expr'])['query'];
  return typeof query === 'string' ? query.trim() : null;
}

type Fields = Readonly<Record<string, unknown>>;

function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
