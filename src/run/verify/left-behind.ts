/**
 * What finished migrations have left in the schema, read from the statements that they ran, in their order: the last
 * word about each table, column, index and constraint. Pure.
 *
 * It claims only what is certain. After a statement that may have done anything (a block of code, CASCADE, the rename of
 * a whole table), what was said before it counts no more.
 */
import { nameForNew } from '../../catalog/lookup.ts';
import type { Catalog, QualifiedName } from '../../catalog/model.ts';
import type { Change, RelationName } from '../../operations/change.ts';
import { decodeStatement } from '../../operations/index.ts';
import type { PlannedMigration } from '../../plan/plan.ts';
import { parseStatements } from '../../sql/parse.ts';

export type Claim = {
  readonly migration: string;
  readonly kind: 'table' | 'column' | 'index' | 'constraint' | 'not null';
  readonly table: QualifiedName;
  /** Of the column, index or constraint; the table's own for a table. */
  readonly name: string;
  readonly present: boolean;
};

/** `catalog` is the live one: it says in which schema a bare name stands. */
export function leftBehind(migrations: readonly PlannedMigration[], catalog: Catalog): readonly Claim[] {
  const claims = new Map<string, Claim>();
  for (const { name, steps } of migrations) {
    for (const { run, opaque, settings } of steps) {
      if (run.kind !== 'sql') continue;
      const knowsNames = !Object.keys(settings).some((setting) => setting.toLowerCase() === 'search_path');
      const changes =
        opaque || !knowsNames ? null : run.statements.flatMap((text) => parseStatements(text).flatMap(decodeStatement));
      if (changes === null) claims.clear();
      else for (const change of changes) say(claims, name, change, catalog);
    }
  }
  return [...claims.values()];
}

function say(claims: Map<string, Claim>, migration: string, change: Change, catalog: Catalog): void {
  const at = (written: RelationName): QualifiedName => nameForNew(catalog, written);
  const set = (kind: Claim['kind'], table: QualifiedName, name: string, present: boolean): void => {
    const claim = { migration, kind, table, name, present };
    claims.set(keyOf(claim), claim);
  };
  const forget = (table: QualifiedName, kinds: readonly Claim['kind'][]): void => {
    for (const [key, claim] of claims) if (isSame(claim.table, table) && kinds.includes(claim.kind)) claims.delete(key);
  };
  if (change.kind === 'raw' || ('cascade' in change && change.cascade)) {
    claims.clear();
    return;
  }
  switch (change.kind) {
    case 'create_table':
      if (change.persistence !== 'temporary') set('table', at(change.table), change.table.name, true);
      return;
    case 'drop_table':
      for (const written of change.tables) {
        forget(at(written), ['column', 'index', 'constraint', 'not null']);
        set('table', at(written), written.name, false);
      }
      return;
    case 'add_column':
      set('column', at(change.table), change.column.name, true);
      return;
    case 'drop_column':
      // Its indexes and constraints go with it, and which these are is not in the statement.
      forget(at(change.table), ['index', 'constraint']);
      claims.delete(
        keyOf({ migration, kind: 'not null', table: at(change.table), name: change.column, present: true }),
      );
      set('column', at(change.table), change.column, false);
      return;
    case 'rename_column':
      forget(at(change.table), ['not null']);
      set('column', at(change.table), change.from, false);
      set('column', at(change.table), change.to, true);
      return;
    case 'set_not_null':
      if (!change.notValid) set('not null', at(change.table), change.column, true);
      return;
    case 'drop_not_null':
      set('not null', at(change.table), change.column, false);
      return;
    case 'create_index':
      if (change.name !== null) set('index', at(change.table), change.name, true);
      return;
    case 'drop_index':
      for (const [key, claim] of claims) {
        if (claim.kind === 'index' && change.indexes.some(({ name }) => name === claim.name)) claims.delete(key);
      }
      return;
    case 'add_unique':
      // USING INDEX gives the index the constraint's name.
      forget(at(change.table), ['index']);
      if (change.constraint.name !== null) set('constraint', at(change.table), change.constraint.name, true);
      return;
    case 'add_check':
    case 'add_foreign_key':
      if (change.constraint.name === null || change.constraint.notValid) return;
      set('constraint', at(change.table), change.constraint.name, true);
      return;
    case 'validate_constraint':
      set('constraint', at(change.table), change.name, true);
      return;
    case 'drop_constraint': {
      const known = claims.get(
        keyOf({ migration, kind: 'constraint', table: at(change.table), name: change.name, present: true }),
      );
      // One that no migration made may be the NOT NULL of a column, or have an index.
      forget(at(change.table), known === undefined ? ['index', 'not null'] : ['index']);
      set('constraint', at(change.table), change.name, false);
      return;
    }
    case 'rename_object':
    case 'drop_object':
    case 'attach_partition':
    case 'detach_partition':
      if (change.kind === 'drop_object' && ['trigger', 'function'].includes(change.objectType)) return;
      claims.clear();
      return;
    default: // what makes and removes none of these
  }
}

function keyOf({ kind, table, name }: Claim): string {
  return JSON.stringify([kind, table.schema, table.name, name]);
}

function isSame(one: QualifiedName, other: QualifiedName): boolean {
  return one.schema === other.schema && one.name === other.name;
}
