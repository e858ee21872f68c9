/**
 * The schema after a change, as a linter has to suppose it. Of a block of code that decides while it runs what to do,
 * everything is taken to be done: whoever writes `IF NOT EXISTS (…) THEN ALTER TABLE …` expects to need it, and what is
 * created there is new to the rest of the file. The catalog still says that it may not be the whole truth.
 */
import type { Catalog } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import { applyChange, changesInside } from '../operations/index.ts';

export type FoldedChange = { readonly change: Change; readonly before: Catalog; readonly after: Catalog };

/** One by one: the changes inside a block, else the change itself. */
export function foldedChanges(change: Change, catalog: Catalog): readonly FoldedChange[] {
  const after = applyChange(catalog, change);
  const inside = changesInside(change, catalog);
  if (inside.length === 0) return [{ change, before: catalog, after }];
  const { uncertain } = after;
  const folded: FoldedChange[] = [];
  let before = catalog;
  for (const each of inside) {
    const next = { ...applyChange(before, each), uncertain };
    folded.push({ change: each, before, after: next });
    before = next;
  }
  return folded;
}

export function foldChange(catalog: Catalog, change: Change): Catalog {
  return foldedChanges(change, catalog).at(-1)?.after ?? catalog;
}
