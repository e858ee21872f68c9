/** Publications that send every column of a table: also one that we add, which their subscribers must know first. */
import { sameName } from '../../catalog/lookup.ts';
import type { Catalog, Publication, Table } from '../../catalog/model.ts';

export function publicationsOf(catalog: Catalog, table: Table): readonly Publication[] {
  return [...catalog.publications.values()].filter(
    ({ schemas, tables }) =>
      tables === null ||
      schemas.includes(table.schema) ||
      tables.some((published) => sameName(published, table) && published.columns === null),
  );
}
