/** What stands behind a domain. */
import type { Catalog, TypeObject } from '../../catalog/model.ts';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier.ts';

/** The domain that a type text of the catalog means, or null. */
function domainOf(catalog: Catalog, type: string): TypeObject | null {
  const spelled = (candidate: TypeObject): boolean =>
    type === qualifiedName(candidate) ||
    (type === quoteIdentifier(candidate.name) && catalog.searchPath.includes(candidate.schema));
  return [...catalog.types.values()].find((candidate) => candidate.kind === 'domain' && spelled(candidate)) ?? null;
}

/** The type under a domain (and under the domain under that), with its length; any other type itself. */
export function baseType(catalog: Catalog, type: string): string {
  const domain = domainOf(catalog, type);
  return domain?.baseType === undefined || domain.baseType === null ? type : baseType(catalog, domain.baseType);
}

/** ADD COLUMN of such a type writes every row, even without a default (measured: add_column.domain_with_check). */
export function isConstrainedDomain(catalog: Catalog, type: string): boolean {
  const domain = domainOf(catalog, type);
  if (domain === null) return false;
  if (domain.notNull || domain.constraints.length > 0) return true;
  return domain.baseType !== null && isConstrainedDomain(catalog, domain.baseType);
}

/** The domain, of this type or below it, that refuses NULL; a CHECK counts when it mentions IS NOT NULL at all. */
export function forbidsNull(catalog: Catalog, type: string): string | null {
  const domain = domainOf(catalog, type);
  if (domain === null) return null;
  const refuses = domain.notNull || domain.constraints.some(({ definition }) => /\bIS NOT NULL\b/i.test(definition));
  return refuses ? domain.name : domain.baseType === null ? null : forbidsNull(catalog, domain.baseType);
}
