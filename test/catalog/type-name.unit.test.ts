import { expect, test } from 'vitest';
import { blankType } from '../../src/catalog/blank.ts';
import { emptyCatalog, objectKey, type Catalog } from '../../src/catalog/model.ts';
import { typeInCatalog } from '../../src/catalog/type-name.ts';

const types = [
  blankType({ schema: 'public', name: 'mood' }, 'enum'),
  blankType({ schema: 'shop', name: 'Order "State"' }, 'enum'),
];
const catalog: Catalog = { ...emptyCatalog(18), types: new Map(types.map((type) => [objectKey(type), type])) };

test.each([
  ['mood', 'public.mood'],
  ['mood[]', 'public.mood[]'],
  ['public.mood', 'public.mood'],
  ['shop."Order ""State"""[]', 'shop."Order ""State"""[]'],
  // Not on the search path, and so none that the server would find.
  ['"Order ""State"""', '"Order ""State"""'],
  ['integer', 'integer'],
  ['numeric(10,2)', 'numeric(10,2)'],
  ['timestamp with time zone', 'timestamp with time zone'],
])('%s stands in the catalog as %s', (written, shown) => {
  expect(typeInCatalog(catalog, written)).toBe(shown);
});
