/**
 * What each application version may rely on, in sentences: the instructions for the deploy between expand and contract.
 */
import { resolveTable } from '../catalog/lookup.ts';
import type { Catalog, QualifiedName } from '../catalog/model.ts';
import type { Change, RenameObject } from '../operations/change.ts';
import type { Phase } from '../operations/step-draft.ts';

/** A change with the phases of its first and of its last step. */
export type DatedChange = { readonly change: Change; readonly startedIn: Phase; readonly finishedIn: Phase };

export function versionNotes(
  changes: readonly DatedChange[],
  catalog: Catalog,
  isNewIn: (table: QualifiedName, phase: Phase) => boolean,
): readonly string[] {
  const notes = changes.flatMap(({ change, startedIn, finishedIn }) => {
    const name = 'table' in change ? change.table : change.kind === 'rename_object' ? change.name : null;
    if (name !== null && change.kind !== 'create_table') {
      const table = resolveTable(catalog, name);
      const isRenamed = changes.some(({ change: other }) => other.kind === 'rename_object' && other.to === name.name);
      // A table that is renamed may leave its name to a new one.
      const isUnused = (known: QualifiedName) =>
        change.kind === 'rename_object' ? finishedIn === 'expand' : isNewIn(known, finishedIn);
      if (table === null ? !isRenamed : isUnused(table)) return [];
    }
    return noteOf(change, startedIn, finishedIn);
  });
  return [...new Set(notes)];
}

function noteOf(change: Change, startedIn: Phase, finishedIn: Phase): readonly string[] {
  switch (change.kind) {
    case 'add_column': {
      const { name, notNull, default: value, generated, identity, serial } = change.column;
      const mustGive = notNull && value === null && generated === null && identity === null && serial === null;
      if (startedIn === 'contract')
        return [`The new version must not use ${change.table.name}.${name} before contract is done.`];
      return [
        `The new version may use ${change.table.name}.${name} from ${startedIn} on.` +
          (mustGive ? ' It must give it a value in every row: from contract on nothing else does.' : ''),
      ];
    }
    case 'drop_column':
      return [
        `The new version must not use ${change.table.name}.${change.column}; the old version may until contract.`,
      ];
    case 'rename_column':
      if (startedIn === 'contract')
        return onlyAfterContract(`${change.table.name}.${change.from}`, `${change.table.name}.${change.to}`);
      return [
        `Until contract both names work: the old version uses ${change.table.name}.${change.from}, the new one ${change.table.name}.${change.to}. A statement that sets both to different values is refused.`,
      ];
    case 'create_table':
      return startedIn === 'contract'
        ? [`The new version must not use the new table ${change.table.name} before contract is done.`]
        : [];
    case 'rename_object': {
      if (change.objectType !== 'table') return [];
      const moved = renamedTable(change);
      if (startedIn === 'contract') return onlyAfterContract(moved.from, moved.to);
      return [`Until contract both names work: the old version uses ${moved.from}, the new one ${moved.to}.`];
    }
    case 'alter_column_type':
      return [
        `Both versions see the old type of ${change.table.name}.${change.column} until contract and ${change.type} after it, so the statements of the new version must be valid for both.`,
      ];
    case 'set_not_null':
      return [
        `The new version must not write NULL to ${change.table.name}.${change.column} from expand on; the server refuses it from ${finishedIn} on.`,
      ];
    case 'add_check':
    case 'add_foreign_key':
      return [
        `The new version must keep to the new ${change.kind === 'add_check' ? 'check' : 'foreign key'} on ${change.table.name} from expand on; the server enforces it from ${finishedIn} on.`,
      ];
    case 'add_unique':
      return [
        `Both versions must keep ${change.constraint.columns.join(', ')} of ${change.table.name} unique from expand on.`,
      ];
    case 'drop_not_null':
      return startedIn === 'contract'
        ? [`The new version must not write NULL to ${change.table.name}.${change.column} before contract is done.`]
        : [];
    case 'set_default':
      return startedIn === 'contract' && change.default !== null
        ? [
            `The new version must not rely on the new default of ${change.table.name}.${change.column} before contract is done.`,
          ]
        : [];
    case 'drop_table':
      return change.tables.map(
        (table) => `The new version must not use ${table.name}; the old version may until contract.`,
      );
    default:
      return [];
  }
}

function onlyAfterContract(from: string, to: string): readonly string[] {
  return [`The old version may use ${from} until contract; the new one must not use ${to} before contract is done.`];
}

/** SET SCHEMA: both names are those of schemas. */
function renamedTable({ name, from, to }: RenameObject) {
  return from === name.name ? { from, to } : { from: name.name, to: `${to}.${name.name}` };
}
