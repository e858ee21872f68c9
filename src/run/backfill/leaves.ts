/**
 * The tables that hold the rows of one: itself, or the leaves of a partitioned table, or the children of an inherited
 * one, each of which is walked on its own.
 */
import { MigrateError } from '../../errors.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import type { Session } from '../session.ts';

export type Leaf = {
  readonly oid: string;
  readonly table: QualifiedName;
  readonly blocks: number;
  /** As far as the server knows. */
  readonly rows: number;
  readonly fileNode: string;
};

export async function leavesOf(session: Session, root: QualifiedName): Promise<readonly Leaf[]> {
  const { rows } = await session.query<{
    oid: string;
    schema: string;
    name: string;
    kind: string;
    blocks: string;
    rows: number;
    file_node: string | null;
  }>(
    `with recursive tree (oid) as (
       select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2
       union
       select i.inhrelid from pg_inherits i join tree on i.inhparent = tree.oid where not i.inhdetachpending
     )
     select c.oid::text, n.nspname as schema, c.relname as name, c.relkind::text as kind,
            s.blocks::text, pg_relation_filenode(c.oid)::text as file_node,
            -- As the planner scales it: the table has grown or shrunk since it was analysed. Never analysed: a guess.
            (case when c.reltuples >= 0 and c.relpages > 0 then s.blocks * (c.reltuples::float8 / c.relpages)
                  else s.blocks * 40.0 end)::float8 as rows
       from tree join pg_class c on c.oid = tree.oid join pg_namespace n on n.oid = c.relnamespace
       cross join lateral (select case when c.relkind = 'r' then
         pg_relation_size(c.oid) / current_setting('block_size')::bigint else 0 end as blocks) as s
      where c.relkind <> 'p' order by n.nspname, c.relname`,
    [root.schema, root.name],
  );
  if (rows.length === 0 && !(await exists(session, root))) {
    throw new MigrateError(
      'SCHEMA_DRIFT',
      `${qualifiedName(root)}, which is to be backfilled, does not exist any more.`,
      {
        hint: 'Somebody dropped or renamed it since the plan was made. Put it back, or roll the migration back.',
      },
    );
  }
  return rows.map((row) => {
    const table = { schema: row.schema, name: row.name };
    if (row.kind !== 'r' || row.file_node === null) {
      throw new MigrateError(
        'BACKFILL_FAILED',
        `${qualifiedName(table)} is a foreign table or a view: it cannot be backfilled in batches.`,
        {
          hint: `Change its rows where they live, and take it out of ${qualifiedName(root)} meanwhile.`,
        },
      );
    }
    return { oid: row.oid, table, blocks: Number(row.blocks), rows: Math.round(row.rows), fileNode: row.file_node };
  });
}

async function exists(session: Session, table: QualifiedName): Promise<boolean> {
  const found = await session.query(
    'select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2',
    [table.schema, table.name],
  );
  return found.rowCount > 0;
}
