/** What somebody who plans may choose, and what holds when they choose nothing. */

export type PlanOptions = {
  /**
   * Tables up to this size take the statement as written instead of the online path; null: never. What could break the
   * old application still waits for contract.
   */
  readonly smallTable: { readonly rows: number; readonly bytes: number } | null;
  /** True when no application uses the database (a fresh or development database): empty tables count as new ones. */
  readonly unused: boolean;
};

/** A thousand rows or a megabyte are read and rewritten in a few milliseconds, within any sensible lock timeout. */
export const defaultPlanOptions: PlanOptions = { smallTable: { rows: 1_000, bytes: 1_048_576 }, unused: false };
