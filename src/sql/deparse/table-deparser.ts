/** The deparser's mistakes about tables put right: columns, constraints, ALTER TABLE. */

import type * as tree from '@pgsql/types';
import { quoteIdentifier, quoteLiteral } from '../identifier.ts';
import { ExpressionDeparser } from './expression-deparser.ts';
import type { Context } from './expression-deparser.ts';
import { stringOf, words } from './text.ts';

export class TableDeparser extends ExpressionDeparser {
  /** Names of DEFAULT, GENERATED, IDENTITY and NULL are lost; keys lose INCLUDE, WITH, their tablespace and quotes. */
  override Constraint(node: tree.Constraint, context: Context): string {
    switch (node.contype) {
      case 'CONSTR_PRIMARY':
      case 'CONSTR_UNIQUE':
        return this.#keyConstraint(node);
      case 'CONSTR_EXCLUSION':
        return this.#exclusionConstraint(node, context);
      case 'CONSTR_DEFAULT':
        // Only a restricted form of expression may follow DEFAULT without parentheses.
        if (this.parenthesise && node.raw_expr)
          return words(named(node), 'DEFAULT', `(${this.visit(node.raw_expr, context)})`);
        return words(named(node), super.Constraint(node, context));
      case 'CONSTR_GENERATED':
      case 'CONSTR_IDENTITY':
      case 'CONSTR_NULL':
        return words(named(node), super.Constraint(node, context));
      default:
        return super.Constraint(node, context);
    }
  }

  #keyConstraint(node: tree.Constraint): string {
    const keys = (node.keys ?? []).map((key) => quoteIdentifier(stringOf(key)));
    const overlaps = node.without_overlaps === true ? ' WITHOUT OVERLAPS' : '';
    return words(
      named(node),
      node.contype === 'CONSTR_PRIMARY' ? 'PRIMARY KEY' : 'UNIQUE',
      node.nulls_not_distinct === true ? 'NULLS NOT DISTINCT' : '',
      keys.length > 0 ? `(${keys.join(', ')}${overlaps})` : '',
      node.indexname === undefined ? '' : `USING INDEX ${quoteIdentifier(node.indexname)}`,
      this.#indexParts(node),
      deferral(node),
    );
  }

  #exclusionConstraint(node: tree.Constraint, context: Context): string {
    const elements = (node.exclusions ?? []).map((pair) => {
      const [element, operator] = 'List' in pair ? (pair.List.items ?? []) : [];
      if (element === undefined || operator === undefined || !('List' in operator)) throw new Error('not an exclusion');
      return `${this.visit(element, context)} WITH ${operatorName(operator.List.items ?? [])}`;
    });
    return words(
      named(node),
      'EXCLUDE',
      node.access_method === undefined ? '' : `USING ${quoteIdentifier(node.access_method)}`,
      `(${elements.join(', ')})`,
      this.#indexParts(node),
      node.where_clause === undefined ? '' : `WHERE (${this.visit(node.where_clause, context)})`,
      deferral(node),
    );
  }

  #indexParts(node: tree.Constraint): string {
    const including = (node.including ?? []).map((column) => quoteIdentifier(stringOf(column)));
    const options = (node.options ?? []).map((option) => this.#storageParameter(option));
    return words(
      including.length > 0 ? `INCLUDE (${including.join(', ')})` : '',
      options.length > 0 ? `WITH (${options.join(', ')})` : '',
      node.indexspace === undefined ? '' : `USING INDEX TABLESPACE ${quoteIdentifier(node.indexspace)}`,
    );
  }

  #storageParameter(node: tree.Node): string {
    if (!('DefElem' in node)) throw new Error('not an option');
    const { defnamespace, defname = '', arg } = node.DefElem;
    const name = [defnamespace, defname]
      .flatMap((part) => (part === undefined ? [] : [quoteIdentifier(part)]))
      .join('.');
    if (arg === undefined) return name;
    const value = 'String' in arg ? quoteLiteral(stringOf(arg)) : this.visit(arg);
    return `${name} = ${value}`;
  }

  /** A call of a function needs no parentheses here, and got them. */
  override IndexElem(node: tree.IndexElem, context: Context): string {
    const { name, expr, collation, opclass, opclassopts = [], ordering, nulls_ordering: nulls } = node;
    const isCall = expr !== undefined && 'FuncCall' in expr && expr.FuncCall.funcformat === 'COERCE_EXPLICIT_CALL';
    const expression = expr === undefined ? '' : this.visit(expr, context);
    const options = opclassopts.map((option) => this.visit(option, context.spawn('IndexElem')));
    return words(
      name === undefined ? (isCall ? expression : `(${expression})`) : quoteIdentifier(name),
      collation === undefined ? '' : `COLLATE ${dotted(collation)}`,
      opclass === undefined ? '' : dotted(opclass) + (options.length > 0 ? `(${options.join(', ')})` : ''),
      ordering === 'SORTBY_ASC' ? 'ASC' : ordering === 'SORTBY_DESC' ? 'DESC' : '',
      nulls === 'SORTBY_NULLS_FIRST' ? 'NULLS FIRST' : nulls === 'SORTBY_NULLS_LAST' ? 'NULLS LAST' : '',
    );
  }

  /** It is missing where it stands alone. */
  PartitionBoundSpec(node: tree.PartitionBoundSpec, context: Context): string {
    const list = (values: readonly tree.Node[] = []): string =>
      `(${values.map((value) => this.visit(value, context)).join(', ')})`;
    if (node.is_default === true) return 'DEFAULT';
    if (node.listdatums !== undefined) return `FOR VALUES IN ${list(node.listdatums)}`;
    if (node.lowerdatums !== undefined) return `FOR VALUES FROM ${list(node.lowerdatums)} TO ${list(node.upperdatums)}`;
    return `FOR VALUES WITH (MODULUS ${node.modulus ?? 0}, REMAINDER ${node.remainder ?? 0})`;
  }

  /** ADD COLUMN loses STORAGE and COMPRESSION; SET STATISTICS DEFAULT its DEFAULT. */
  override AlterTableCmd(node: tree.AlterTableCmd, context: Context): string {
    if (node.subtype === 'AT_AddColumn' && node.def !== undefined && 'ColumnDef' in node.def) {
      return words(
        context.objtype === 'OBJECT_TYPE' ? 'ADD ATTRIBUTE' : 'ADD COLUMN',
        node.missing_ok === true ? 'IF NOT EXISTS' : '',
        this.ColumnDef(node.def.ColumnDef, context),
        node.behavior === 'DROP_CASCADE' ? 'CASCADE' : '',
      );
    }
    if (node.subtype === 'AT_SetStatistics' && node.def === undefined && node.name !== undefined) {
      return `ALTER COLUMN ${quoteIdentifier(node.name)} SET STATISTICS DEFAULT`;
    }
    return super.AlterTableCmd(node, context);
  }

  /** The tablespace is lost. It is the last part of the statement. */
  override CreateStmt(node: tree.CreateStmt, context: Context): string {
    return words(
      super.CreateStmt(node, context),
      node.tablespacename === undefined ? '' : `TABLESPACE ${quoteIdentifier(node.tablespacename)}`,
    );
  }

  /** LIKE … INCLUDING ALL EXCLUDING … loses what later versions add to ALL, and COMPRESSION. */
  override TableLikeClause(node: tree.TableLikeClause, context: Context): string {
    const relation = node.relation === undefined ? '' : this.RangeVar(node.relation, context);
    const options = node.options ?? 0;
    const all = options >= 2 ** likeOptions.length; // bits beyond the known ones come from ALL only
    const parts = likeOptions.flatMap((name, bit) => {
      const included = (options & (1 << bit)) !== 0;
      return included === all ? [] : [`${all ? 'EXCLUDING' : 'INCLUDING'} ${name}`];
    });
    return words('LIKE', relation, all ? 'INCLUDING ALL' : '', ...parts);
  }
}

/** In the order of their bits: TableLikeOption in src/include/nodes/parsenodes.h. */
const likeOptions = [
  'COMMENTS',
  'COMPRESSION',
  'CONSTRAINTS',
  'DEFAULTS',
  'GENERATED',
  'IDENTITY',
  'INDEXES',
  'STATISTICS',
  'STORAGE',
];

function operatorName(parts: readonly tree.Node[]): string {
  const names = parts.map(stringOf);
  const symbol = names.at(-1) ?? '';
  const schema = names.slice(0, -1).map((name) => `${quoteIdentifier(name)}.`);
  return schema.length === 0 ? symbol : `OPERATOR(${schema.join('')}${symbol})`;
}

function dotted(parts: readonly tree.Node[]): string {
  return parts.map((part) => quoteIdentifier(stringOf(part))).join('.');
}

function named(node: tree.Constraint): string {
  return node.conname === undefined ? '' : `CONSTRAINT ${quoteIdentifier(node.conname)}`;
}

function deferral(node: tree.Constraint): string {
  return words(node.deferrable === true ? 'DEFERRABLE' : '', node.initdeferred === true ? 'INITIALLY DEFERRED' : '');
}
