/**
 * The rights that a plan's steps need, read from their own statements: ownership of what is altered, privileges on what is
 * read, filled or referred to, and CREATE where something is made. Pure.
 *
 * It names only what is certain. What a block of code or a statement under another role needs is left to the server.
 */
import type { PlannedMigration, Step } from '../../plan/plan.ts';
import { relationName, dottedName } from '../../operations/decode/names.ts';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier.ts';
import { parseStatements, type StatementNode } from '../../sql/parse.ts';

export type WantedRight = {
  readonly on: 'relation' | 'schema';
  /** A relation as SQL spells it, without its schema where the statement says none; a schema as it is. */
  readonly name: string;
  readonly right:
    'OWNER' | 'CREATE' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE' | 'TRIGGER' | 'REFERENCES';
  /** The step moves or checks rows, and must see all of them. */
  readonly allRows: boolean;
};

export function wantedRights(migrations: readonly PlannedMigration[]): readonly WantedRight[] {
  const all = migrations.flatMap(({ steps }) => steps.flatMap(ofStep));
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

function ofStep(step: Step): readonly WantedRight[] {
  const { run, settings } = step;
  const set = new Set(Object.keys(settings).map((name) => name.toLowerCase()));
  if (set.has('role') || set.has('session_authorization')) return [];
  switch (run.kind) {
    case 'sql': {
      const found = run.statements.flatMap((text) => parseStatements(text).flatMap(({ node }) => ofStatement(node)));
      // A path of its own: what an unqualified name means is known only while it is in force.
      return set.has('search_path') ? found.filter(({ name }) => name.includes('.')) : found;
    }
    case 'backfill': {
      const on = qualifiedName(run.table);
      const right = run.command === 'delete' ? 'DELETE' : 'UPDATE';
      return [rows(on, 'SELECT'), ...(run.command === 'insert' ? [] : [rows(on, right)])];
    }
    case 'gate':
      return [];
    default:
      return run satisfies never;
  }
}

type Named = { readonly schema: string | null; readonly name: string };

function ofStatement(node: StatementNode): readonly WantedRight[] {
  if ('AlterTableStmt' in node && node.AlterTableStmt.objtype === 'OBJECT_TABLE') {
    const referred = (node.AlterTableStmt.cmds ?? []).flatMap((item) => {
      const definition = 'AlterTableCmd' in item ? item.AlterTableCmd.def : undefined;
      if (definition === undefined || !('Constraint' in definition)) return [];
      const { pktable } = definition.Constraint;
      return pktable === undefined ? [] : [privilege(relationName(pktable), 'REFERENCES')];
    });
    return [privilege(relationName(node.AlterTableStmt.relation), 'OWNER'), ...referred];
  }
  if ('IndexStmt' in node) {
    const on = relationName(node.IndexStmt.relation);
    return [privilege(on, 'OWNER'), ...creating(on)];
  }
  if ('RenameStmt' in node && node.RenameStmt.relation !== undefined) {
    return [privilege(relationName(node.RenameStmt.relation), 'OWNER')];
  }
  if (
    'DropStmt' in node &&
    (node.DropStmt.removeType === 'OBJECT_TABLE' || node.DropStmt.removeType === 'OBJECT_INDEX')
  ) {
    return (node.DropStmt.objects ?? []).map((item) =>
      privilege(dottedName('List' in item ? item.List.items : []), 'OWNER'),
    );
  }
  if ('CreateTrigStmt' in node) return [privilege(relationName(node.CreateTrigStmt.relation), 'TRIGGER')];
  if ('CreateStmt' in node) return creating(relationName(node.CreateStmt.relation));
  if ('ViewStmt' in node) return creating(relationName(node.ViewStmt.view));
  if ('CreateFunctionStmt' in node) return creating(dottedName(node.CreateFunctionStmt.funcname));
  if ('TruncateStmt' in node) {
    return (node.TruncateStmt.relations ?? []).flatMap((item) =>
      'RangeVar' in item ? [privilege(relationName(item.RangeVar), 'TRUNCATE')] : [],
    );
  }
  return [];
}

function privilege({ schema, name }: Named, right: WantedRight['right']): WantedRight {
  return {
    on: 'relation',
    name: schema === null ? quoteIdentifier(name) : qualifiedName({ schema, name }),
    right,
    allRows: false,
  };
}

function rows(name: string, right: WantedRight['right']): WantedRight {
  return { on: 'relation', name, right, allRows: true };
}

/** Where no schema is said, something is made in the first of the path, which the server knows better. */
function creating({ schema }: Named): readonly WantedRight[] {
  return schema === null ? [] : [{ on: 'schema', name: schema, right: 'CREATE', allRows: false }];
}
