/** A relation as the person wrote it, quoted: with its schema only when they wrote one. */
import { identifier, qualified, type SqlFragment } from '../../sql/template.ts';
import type { RelationName } from '../change.ts';

export function relationSql(name: RelationName): SqlFragment {
  return name.schema === null ? identifier(name.name) : qualified({ schema: name.schema, name: name.name });
}
