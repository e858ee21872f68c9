/** Every rule, in the order of the README's table. `npm run new:rule` adds a line to both lists. */
import type { Rule } from '../src/rule-sdk.ts';
import { noColumnTypeRewrite } from './no-column-type-rewrite/rule.ts';
import { noNotNullWithoutDefault } from './no-not-null-without-default/rule.ts';
import { noRenameColumn } from './no-rename-column/rule.ts';
import { noSetNotNull } from './no-set-not-null/rule.ts';
import { requireConcurrentIndex } from './require-concurrent-index/rule.ts';
import { requireNotValidForeignKey } from './require-not-valid-foreign-key/rule.ts';

export const rules: readonly Rule[] = [
  noColumnTypeRewrite,
  noNotNullWithoutDefault,
  noRenameColumn,
  noSetNotNull,
  requireConcurrentIndex,
  requireNotValidForeignKey,
];
