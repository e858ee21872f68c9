/** What is written behind VACUUM. */
import type { VacuumStmt } from '@pgsql/types';

/** VACUUM FULL, also as an option in parentheses. */
export function isFull({ options }: VacuumStmt): boolean {
  return (options ?? []).some((item) => {
    if (!('DefElem' in item) || item.DefElem.defname !== 'full') return false;
    const { arg } = item.DefElem;
    const value = arg !== undefined && 'String' in arg ? arg.String.sval : undefined;
    const zero = arg !== undefined && 'Integer' in arg && (arg.Integer.ival ?? 0) === 0;
    return !zero && value !== 'false' && value !== 'off';
  });
}
