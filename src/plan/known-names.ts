/**
 * What each application version calls a table and its columns, followed through the changes of the pending migrations: a
 * name that one statement uses may be the old version's, the new one's, or neither's.
 *
 * The names that are handed out change until the last rename has been noted; who keeps them copies them at the end.
 */
import { objectKey, type ObjectKey, type QualifiedName } from '../catalog/model.ts';
import type { Phase } from '../operations/step-draft.ts';

/** Like `Names`, while they are still being followed. */
export type Followed<T> = { old: T | null; new: T | null };

export type FollowedTable = {
  readonly names: Followed<QualifiedName>;
  /** By the pending migrations; null for a table that was there before. */
  readonly createdIn: Phase | null;
  readonly columns: Map<string, Followed<string>>;
  /** The pending migrations add a trigger to it. */
  hasNewTrigger: boolean;
};

export class KnownNames {
  readonly #tables = new Map<ObjectKey, FollowedTable>();

  table(now: QualifiedName): FollowedTable {
    const known = this.#tables.get(objectKey(now));
    if (known !== undefined) return known;
    const { schema, name } = now;
    return this.#put({
      names: { old: { schema, name }, new: { schema, name } },
      createdIn: null,
      columns: new Map(),
      hasNewTrigger: false,
    });
  }

  column(table: FollowedTable, now: string): Followed<string> {
    const known = table.columns.get(now);
    if (known !== undefined) return known;
    const names = { old: table.names.old === null ? null : now, new: now };
    table.columns.set(now, names);
    return names;
  }

  noteCreated({ schema, name }: QualifiedName, createdIn: Phase): FollowedTable {
    return this.#put({
      names: { old: null, new: { schema, name } },
      createdIn,
      columns: new Map(),
      hasNewTrigger: false,
    });
  }

  noteDropped(now: QualifiedName): FollowedTable {
    const table = this.table(now);
    table.names.new = null;
    this.#tables.delete(objectKey(now));
    return table;
  }

  noteRenamed(from: QualifiedName, { schema, name }: QualifiedName): FollowedTable {
    const table = this.table(from);
    this.#tables.delete(objectKey(from));
    table.names.new = { schema, name };
    return this.#put(table);
  }

  noteColumnAdded(table: FollowedTable, name: string): Followed<string> {
    const names = { old: null, new: name };
    table.columns.set(name, names);
    return names;
  }

  /** Its names stay known under the name that it had, for the rules that go with it, until another column takes that. */
  noteColumnDropped(table: FollowedTable, name: string): Followed<string> {
    const names = this.column(table, name);
    names.new = null;
    return names;
  }

  noteColumnRenamed(table: FollowedTable, from: string, to: string): Followed<string> {
    const names = this.column(table, from);
    names.new = to;
    table.columns.delete(from);
    table.columns.set(to, names);
    return names;
  }

  #put(table: FollowedTable): FollowedTable {
    if (table.names.new !== null) this.#tables.set(objectKey(table.names.new), table);
    return table;
  }
}
