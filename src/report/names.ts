/** Names as a person would write them: without the schema where it is the usual one. */
import type { QualifiedName } from '../catalog/model.ts';

export function relationText({ schema, name }: QualifiedName): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}
