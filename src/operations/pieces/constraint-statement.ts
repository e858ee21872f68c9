/**
 * ALTER TABLE statements around a constraint, and what can be read from one.
 *
 * A definition comes from the catalog or from `ConstraintSpec`: the clause behind the name, without NOT VALID.
 */
import type { Constraint as ConstraintNode, RangeVar } from '@pgsql/types';
import { childrenOf } from '../../catalog/lookup.ts';
import type { Catalog, Constraint, Table } from '../../catalog/model.ts';
import { emitConstraint } from '../../sql/emit.ts';
import { parseStatements } from '../../sql/parse.ts';
import { identifier, literal, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';

/** `ALTER TABLE t`, with ONLY where the person wrote it and it makes a difference. */
export function alterTable(catalog: Catalog, table: Table, written: string): SqlFragment {
  const only = childrenOf(catalog, table).length > 0 && writesOnly(written);
  return sql`ALTER TABLE ${raw(only ? 'ONLY ' : '')}${qualified(table)}`;
}

export function addNotValid(alter: SqlFragment, name: string, definition: string): string {
  return sql`${alter} ADD CONSTRAINT ${identifier(name)} ${raw(definition)} NOT VALID`.text;
}

export function validate(alter: SqlFragment, name: string): string {
  return sql`${alter} VALIDATE CONSTRAINT ${identifier(name)}`.text;
}

export function dropConstraintIfExists(table: Table, name: string): string {
  return sql`ALTER TABLE ${qualified(table)} DROP CONSTRAINT IF EXISTS ${identifier(name)}`.text;
}

/** The parse tree of a constraint's definition. */
export function constraintNode(definition: string): ConstraintNode {
  return writtenConstraint(`ALTER TABLE t ADD CONSTRAINT c ${definition}`);
}

/** The constraint of an `ALTER TABLE … ADD CONSTRAINT` as the person wrote it, with what a `ConstraintSpec` leaves out. */
export function writtenConstraint(statement: string): ConstraintNode {
  const command = soleCommand(statement);
  return command?.def !== undefined && 'Constraint' in command.def ? command.def.Constraint : {};
}

export function restoreComment(table: Table, constraint: Constraint): readonly string[] {
  if (constraint.comment === null) return [];
  return [
    sql`COMMENT ON CONSTRAINT ${identifier(constraint.name)} ON ${qualified(table)} IS ${literal(constraint.comment)}`
      .text,
  ];
}

/**
 * The definition with the referenced table's schema: what the server printed depends on the search_path of whoever
 * asked, and the statement may run under another one.
 */
export function restoreDefinition(constraint: Constraint): string {
  if (constraint.references === null) return constraint.definition;
  const { schema, name } = constraint.references.table;
  const target: RangeVar = { schemaname: schema, relname: name, inh: true, relpersistence: 'p' };
  return definitionText({ ...constraintNode(constraint.definition), pktable: target });
}

/** The clause behind the name, as the emitter prints it, without NOT VALID. */
export function definitionText(node: ConstraintNode): string {
  const { conname: _name, skip_validation: _skip, initially_valid: _valid, location: _location, ...rest } = node;
  // NOT ENFORCED implies that nothing is validated, and the parser says so.
  const unenforced = isUnindexed(node) && node.is_enforced !== true;
  return emitConstraint({ ...rest, ...(unenforced ? { skip_validation: true } : {}) });
}

function isUnindexed({ contype }: ConstraintNode): boolean {
  return contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN';
}

/** Whether the person wrote `ALTER TABLE ONLY`. */
export function writesOnly(written: string): boolean {
  const node = parseStatements(written)[0]?.node;
  return node !== undefined && 'AlterTableStmt' in node && node.AlterTableStmt.relation?.inh !== true;
}

function soleCommand(statement: string) {
  const node = parseStatements(statement)[0]?.node;
  const command = node !== undefined && 'AlterTableStmt' in node ? node.AlterTableStmt.cmds?.[0] : undefined;
  return command !== undefined && 'AlterTableCmd' in command ? command.AlterTableCmd : null;
}
