/** All changes that the generator knows, and how often each is made. */
import type { Statement } from '../generated-case.ts';
import type { World } from '../world.ts';
import * as columns from './columns.ts';
import * as constraints from './constraints.ts';

type Maker = { readonly weight: number; readonly make: (world: World) => Statement | null };

const indexes: readonly Maker[] = [
  { weight: 6, make: constraints.createIndex },
  { weight: 6, make: constraints.addCheck },
  { weight: 5, make: constraints.addUnique },
  { weight: 6, make: constraints.addForeignKey },
];

const changes: readonly [Maker, ...Maker[]] = [
  { weight: 20, make: columns.addNewColumn },
  { weight: 8, make: columns.dropColumn },
  { weight: 8, make: columns.renameSomeColumn },
  { weight: 10, make: columns.alterType },
  { weight: 8, make: columns.setNotNull },
  { weight: 4, make: columns.dropNotNull },
  { weight: 5, make: columns.setDefault },
  ...indexes,
  { weight: 3, make: constraints.addUsingIndex },
  { weight: 4, make: constraints.addReference },
  { weight: 4, make: constraints.dropConstraint },
  { weight: 3, make: constraints.validateConstraint },
  { weight: 4, make: constraints.dropIndex },
];

/** What a schema can have before the migrations, beside tables and rows. */
const additions: readonly [Maker, ...Maker[]] = [
  { weight: 6, make: constraints.createIndex },
  { weight: 6, make: constraints.addCheck },
  { weight: 5, make: constraints.addUnique },
  { weight: 6, make: constraints.addForeignKey },
];

export function makeChange(world: World): Statement | null {
  return world.draw.weighted(changes).make(world);
}

export function makeAddition(world: World): Statement | null {
  return world.draw.weighted(additions).make(world);
}
