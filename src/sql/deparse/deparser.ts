/** The whole corrected deparser: what is left are statements about other objects than tables, and utility commands. */

import type * as tree from '@pgsql/types';
import { quoteIdentifier, quoteLiteral } from '../identifier.ts';
import type { Context } from './expression-deparser.ts';
import { TableDeparser } from './table-deparser.ts';
import { stringOf, words } from './text.ts';

export class CorrectedDeparser extends TableDeparser {
  /** `ALTER TYPE app.mood OWNER TO` became `ALTER TYPE app, mood OWNER TO`. */
  override AlterOwnerStmt(node: tree.AlterOwnerStmt, context: Context): string {
    const { objectType, object, newowner } = node;
    const special = objectType === 'OBJECT_OPFAMILY' || objectType === 'OBJECT_OPCLASS';
    if (objectType === undefined || newowner === undefined || object === undefined || !('List' in object) || special) {
      return super.AlterOwnerStmt(node, context);
    }
    const name = (object.List.items ?? []).map((part) => quoteIdentifier(stringOf(part))).join('.');
    const kind =
      objectType === 'OBJECT_STATISTIC_EXT' ? 'STATISTICS' : objectType.slice('OBJECT_'.length).replaceAll('_', ' ');
    return `ALTER ${kind} ${name} OWNER TO ${this.RoleSpec(newowner, context)}`;
  }

  /** ALTER TRIGGER … RENAME loses the trigger's name. */
  override RenameStmt(node: tree.RenameStmt, context: Context): string {
    const { relation, subname, newname } = node;
    if (node.renameType !== 'OBJECT_TRIGGER' || !relation || !subname || !newname)
      return super.RenameStmt(node, context);
    return `ALTER TRIGGER ${quoteIdentifier(subname)} ON ${this.RangeVar(relation, context)} RENAME TO ${quoteIdentifier(newname)}`;
  }

  /** VERSION became NEW_VERSION, without quotes. */
  override CreateExtensionStmt(node: tree.CreateExtensionStmt, _context: Context): string {
    const options = (node.options ?? []).map((option) => {
      const { defname = '', arg } = 'DefElem' in option ? option.DefElem : {};
      const value = stringOf(arg);
      if (defname === 'schema') return `SCHEMA ${quoteIdentifier(value)}`;
      return defname === 'new_version' ? `VERSION ${quoteLiteral(value)}` : defname.toUpperCase();
    });
    const guard = node.if_not_exists === true ? 'IF NOT EXISTS' : '';
    return words('CREATE EXTENSION', guard, quoteIdentifier(node.extname ?? ''), ...options);
  }

  /** IF NOT EXISTS came before STATISTICS. */
  override CreateStatsStmt(node: tree.CreateStatsStmt, context: Context): string {
    const text = super.CreateStatsStmt(node, context);
    return text.replace(/^CREATE IF NOT EXISTS STATISTICS/, 'CREATE STATISTICS IF NOT EXISTS');
  }

  /** AND CHAIN is lost. */
  override TransactionStmt(node: tree.TransactionStmt, context: Context): string {
    return words(super.TransactionStmt(node, context), node.chain === true ? 'AND CHAIN' : '');
  }

  /** Options with a value got an equals sign, which the grammar does not know here. */
  override VacuumStmt(node: tree.VacuumStmt, context: Context): string {
    const targets = (node.rels ?? []).map((relation) => this.visit(relation, context));
    return words(
      node.is_vacuumcmd === true ? 'VACUUM' : 'ANALYZE',
      utilityOptions(node.options ?? []),
      targets.join(', '),
    );
  }

  /** The same, and CONCURRENTLY is put where people look for it. */
  override ReindexStmt(node: tree.ReindexStmt, context: Context): string {
    const kind = (node.kind ?? '').slice('REINDEX_OBJECT_'.length);
    const isConcurrently = (option: tree.Node): boolean =>
      'DefElem' in option && option.DefElem.defname === 'concurrently' && option.DefElem.arg === undefined;
    const params = node.params ?? [];
    return words(
      'REINDEX',
      utilityOptions(params.filter((option) => !isConcurrently(option))),
      kind,
      params.some(isConcurrently) ? 'CONCURRENTLY' : '',
      node.relation === undefined ? '' : this.RangeVar(node.relation, context),
      node.name === undefined ? '' : quoteIdentifier(node.name),
    );
  }
}

function utilityOptions(options: readonly tree.Node[]): string {
  if (options.length === 0) return '';
  const parts = options.map((option) => {
    const { defname = '', arg } = 'DefElem' in option ? option.DefElem : {};
    const value =
      arg === undefined ? '' : 'Integer' in arg ? String(arg.Integer.ival ?? 0) : quoteLiteral(stringOf(arg));
    return words(defname.toUpperCase(), value);
  });
  return `(${parts.join(', ')})`;
}
