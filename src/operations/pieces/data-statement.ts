/** INSERT … SELECT, UPDATE and DELETE taken apart: what changes, what is read, and what each row's outcome is made of. */
import type { Node, OnConflictClause, RangeVar, SelectStmt, WithClause } from '@pgsql/types';

export type Assignment = {
  readonly column: string;
  /** Null for DEFAULT. */
  readonly value: Node | null;
};

export type DataStatement = {
  readonly command: 'update' | 'delete' | 'insert';
  /** Whose rows change. */
  readonly target: RangeVar;
  /** SET, also that of ON CONFLICT DO UPDATE. Null when it is more than one expression for each column. */
  readonly assignments: readonly Assignment[] | null;
  readonly where: Node | undefined;
  readonly from: readonly Node[];
  readonly with: readonly WithClause[];
  readonly returning: boolean;
  readonly insert: Insert | null;
};

type Insert = {
  /** Empty when the statement names none. */
  readonly columns: readonly string[];
  readonly query: SelectStmt;
  readonly values: readonly Node[];
  readonly conflict: OnConflictClause | null;
};

/** Null for everything else, INSERT … VALUES among it. */
export function dataStatement(node: Node): DataStatement | null {
  // libpg-query 18 names the RETURNING list returningClause; the types know older grammars.
  type Returning = { readonly returningClause?: unknown; readonly returningList?: unknown };
  const returns = (statement: Returning) =>
    statement.returningClause !== undefined || statement.returningList !== undefined;
  if ('UpdateStmt' in node) {
    const { relation = {}, targetList, whereClause, fromClause, withClause } = node.UpdateStmt;
    return {
      command: 'update',
      target: relation,
      assignments: assignmentsOf(targetList),
      where: whereClause,
      from: fromClause ?? [],
      with: withClause === undefined ? [] : [withClause],
      returning: returns(node.UpdateStmt),
      insert: null,
    };
  }
  if ('DeleteStmt' in node) {
    const { relation = {}, whereClause, usingClause, withClause } = node.DeleteStmt;
    return {
      command: 'delete',
      target: relation,
      assignments: [],
      where: whereClause,
      from: usingClause ?? [],
      with: withClause === undefined ? [] : [withClause],
      returning: returns(node.DeleteStmt),
      insert: null,
    };
  }
  if (!('InsertStmt' in node)) return null;
  const { relation = {}, cols = [], selectStmt, onConflictClause, withClause } = node.InsertStmt;
  if (selectStmt === undefined || !('SelectStmt' in selectStmt)) return null;
  const query = selectStmt.SelectStmt;
  if ((query.valuesLists ?? []).length > 0) return null;
  const targets = (query.targetList ?? []).flatMap((target) =>
    'ResTarget' in target && target.ResTarget.val !== undefined ? [target.ResTarget.val] : [],
  );
  const updates = onConflictClause?.action === 'ONCONFLICT_UPDATE';
  return {
    command: 'insert',
    target: relation,
    assignments: updates ? assignmentsOf(onConflictClause.targetList) : [],
    where: query.whereClause,
    from: query.fromClause ?? [],
    with: [withClause, query.withClause].flatMap((clause) => clause ?? []),
    returning: returns(node.InsertStmt),
    insert: {
      columns: cols.flatMap((column) => ('ResTarget' in column ? (column.ResTarget.name ?? '') : [])),
      query,
      values: targets,
      conflict: onConflictClause ?? null,
    },
  };
}

function assignmentsOf(targets: readonly Node[] | undefined): readonly Assignment[] | null {
  const assignments: Assignment[] = [];
  for (const target of targets ?? []) {
    if (!('ResTarget' in target)) return null;
    const { name, val, indirection } = target.ResTarget;
    const value = val !== undefined && 'MultiAssignRef' in val ? partOf(val.MultiAssignRef) : val;
    if (name === undefined || value === undefined || (indirection ?? []).length > 0) return null;
    assignments.push({ column: name, value: 'SetToDefault' in value ? null : value });
  }
  return assignments;
}

/** `(a, b) = (1, 2)`, or `(a, b) = (SELECT c, d …)`: the same query gives both, so each can ask it for its own. */
function partOf({ source, colno = 1 }: { readonly source?: Node; readonly colno?: number }): Node | undefined {
  if (source === undefined) return undefined;
  if ('RowExpr' in source) return source.RowExpr.args?.[colno - 1];
  if (!('SubLink' in source) || source.SubLink.subLinkType !== 'EXPR_SUBLINK') return undefined;
  const { subselect } = source.SubLink;
  if (subselect === undefined || !('SelectStmt' in subselect) || !isSettled(subselect.SelectStmt)) return undefined;
  const wanted = subselect.SelectStmt.targetList?.[colno - 1];
  if (wanted === undefined) return undefined;
  return {
    SubLink: { ...source.SubLink, subselect: { SelectStmt: { ...subselect.SelectStmt, targetList: [wanted] } } },
  };
}

/** Not where the server chooses which row to give. */
function isSettled({ limitCount, limitOffset, distinctClause, op, valuesLists }: SelectStmt): boolean {
  const chooses = [limitCount, limitOffset, distinctClause, valuesLists].some((clause) => clause !== undefined);
  return !chooses && op === 'SETOP_NONE';
}
