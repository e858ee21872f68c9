/** All changes that the generator knows, and how often each is made. */
import type { Statement } from '../generated-case.ts';
import type { World } from '../world.ts';
import * as columns from './columns.ts';
import * as constraints from './constraints.ts';
import * as objects from './objects.ts';
import * as rows from './rows.ts';
import * as tables from './tables.ts';

type Maker = { readonly weight: number; readonly make: (world: World) => Statement | null };

const changes: readonly [Maker, ...Maker[]] = [
  { weight: 20, make: columns.addNewColumn },
  { weight: 8, make: columns.dropColumn },
  { weight: 8, make: columns.renameSomeColumn },
  { weight: 10, make: columns.alterType },
  { weight: 8, make: columns.setNotNull },
  { weight: 4, make: columns.dropNotNull },
  { weight: 5, make: columns.setDefault },
  { weight: 6, make: constraints.createIndex },
  { weight: 6, make: constraints.addCheck },
  { weight: 5, make: constraints.addUnique },
  { weight: 6, make: constraints.addForeignKey },
  { weight: 3, make: constraints.addUsingIndex },
  { weight: 4, make: constraints.addReference },
  { weight: 4, make: constraints.dropConstraint },
  { weight: 3, make: constraints.validateConstraint },
  { weight: 4, make: constraints.dropIndex },
  { weight: 4, make: tables.createTable },
  { weight: 2, make: tables.dropTable },
  { weight: 3, make: tables.renameTable },
  { weight: 2, make: tables.renameIndex },
  { weight: 2, make: tables.renameConstraint },
  { weight: 4, make: tables.setting },
  { weight: 3, make: objects.createView },
  { weight: 3, make: objects.dropView },
  { weight: 2, make: objects.createFunction },
  { weight: 3, make: objects.createTrigger },
  { weight: 2, make: objects.dropTrigger },
  { weight: 2, make: objects.createPolicy },
  { weight: 2, make: objects.dropPolicy },
  { weight: 1, make: objects.rowSecurity },
  { weight: 2, make: objects.createStatistics },
  { weight: 3, make: objects.addEnumValue },
  { weight: 6, make: rows.updateRows },
  { weight: 2, make: rows.deleteRows },
];

/** What a schema can have before the migrations, beside tables and rows. */
const additions: readonly [Maker, ...Maker[]] = [
  { weight: 6, make: constraints.createIndex },
  { weight: 6, make: constraints.addCheck },
  { weight: 5, make: constraints.addUnique },
  { weight: 6, make: constraints.addForeignKey },
  { weight: 2, make: objects.createView },
  { weight: 2, make: objects.createFunction },
  { weight: 2, make: objects.createTrigger },
  { weight: 1, make: objects.createPolicy },
  { weight: 1, make: objects.createStatistics },
  { weight: 1, make: tables.setting },
];

export function makeChange(world: World): Statement | null {
  return world.draw.weighted(changes).make(world);
}

export function makeAddition(world: World): Statement | null {
  return world.draw.weighted(additions).make(world);
}
