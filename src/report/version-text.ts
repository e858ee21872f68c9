/**
 * What each application version may rely on, in sentences: the instructions for the deploy between expand and contract.
 * What anybody would expect (that a new table is there after expand) needs no sentence.
 */
import type { QualifiedName } from '../catalog/model.ts';
import type { Phase } from '../operations/step-draft.ts';
import type {
  ColumnPromise,
  Names,
  OldRulePromise,
  RowsPromise,
  RulePromise,
  TablePromise,
  TypePromise,
  VersionPromise,
} from '../plan/version-promise.ts';

export function versionText(promises: readonly VersionPromise[]): readonly string[] {
  return [...new Set(promises.flatMap(sentencesOf))];
}

function sentencesOf(promise: VersionPromise): readonly string[] {
  switch (promise.kind) {
    case 'table':
      return ofTable(promise);
    case 'column':
      return ofColumn(promise);
    case 'type': {
      const column = columnText(promise.table, promise.column);
      return promise.from === 'expand'
        ? [`Both versions see ${column} as ${typeText(promise)} from expand on.`]
        : [
            `Both versions see the old type of ${column} until ${promise.from} and ${typeText(promise)} after it, so the statements of the new version must be valid for both.`,
            ...computedText(promise, column),
          ];
    }
    case 'rule':
      return ofRule(promise);
    case 'old rule':
      return ofOldRule(promise);
    case 'default':
      return promise.from === 'expand' || promise.column.new === null
        ? []
        : [
            `The new version must not rely on the new default of ${columnText(promise.table, promise.column)} before ${promise.from} is done.`,
          ];
    case 'rows':
      return ofRows(promise);
    case 'object':
      return promise.from === 'expand'
        ? []
        : [
            `The new version must not use the new ${promise.objectType} ${promise.name.name} before ${promise.from} is done.`,
          ];
  }
}

/** As tables, without their schema where that is public. */
function typeText({ newType }: TypePromise): string {
  return newType.replace(/^public\./, '');
}

function computedText({ computed, from }: TypePromise, column: string): readonly string[] {
  return computed === null
    ? []
    : [
        `What either version writes to ${column} before ${from} becomes ${computed} (USING), so until then the new version must write what the old one would.`,
      ];
}

function ofTable({ table, from }: TablePromise): readonly string[] {
  const { old, new: now } = table;
  if (now === null) return [`The new version must not use ${tableText(table)}; the old version may until contract.`];
  if (old === null)
    return from === 'expand' ? [] : [`The new version must not use the new table ${now.name} before ${from} is done.`];
  // SET SCHEMA: the two differ by their schemas.
  const isMoved = old.name === now.name;
  const [was, is] = isMoved ? [old.name, `${now.schema}.${now.name}`] : [old.name, now.name];
  return from === 'expand'
    ? [`Until contract both names work: the old version uses ${was}, the new one ${is}.`]
    : onlyAfter(was, is, from);
}

function ofColumn({ table, column, from, filled, required, requiredUntil }: ColumnPromise): readonly string[] {
  const old = columnText(table, { old: column.old, new: null });
  const now = columnText(table, { old: null, new: column.new });
  const filling =
    filled === null || filled === 'expand' || isBefore(filled, from)
      ? ''
      : ` Rows that were there before have their value in it when ${filled} is done.`;
  if (column.new === null) {
    const wait =
      requiredUntil === null || requiredUntil === 'expand'
        ? ''
        : ` Until ${requiredUntil} is done each row needs a value in it, so a new version that does not give one cannot insert rows before.`;
    return [`The new version must not use ${old}; the old version may until contract.${wait}`];
  }
  if (column.old === null) {
    if (from !== 'expand') return [`The new version must not use ${now} before ${from} is done.`];
    const giving = required ? ' It must give it a value in every row: from contract on nothing else does.' : '';
    return [`The new version may use ${now} from expand on.${giving}${filling}`];
  }
  if (from !== 'expand') return onlyAfter(old, now, from);
  return [
    `Until contract both names work: the old version uses ${old}, the new one ${now}. A statement that sets both to different values is refused.${filling}`,
  ];
}

function ofRule({ table, rule, name, columns, plain, old, enforced }: RulePromise): readonly string[] {
  const of = tableText(table);
  switch (rule) {
    case 'not null':
      return [
        `The new version must not write NULL to ${of}.${namesText(columns)} from expand on; the server refuses it from ${enforced} on.`,
      ];
    case 'check':
    case 'foreign key':
      return [
        `The new version must keep to the new ${rule} on ${of} from expand on; the server enforces it from ${enforced} on.`,
      ];
    case 'unique':
    case 'primary key':
    case 'exclusion': {
      const who = old === 'keeps' ? 'Both versions' : 'The new version';
      return rule === 'exclusion' || !plain
        ? [`${who} must keep to ${name ?? rule} on ${of} from expand on.`]
        : [`${who} must keep ${namesText(columns)} of ${of} unique from expand on.`];
    }
  }
}

function ofOldRule({ table, rule, name, columns, until }: OldRulePromise): readonly string[] {
  const of = tableText(table);
  return rule === 'not null'
    ? [`The new version must not write NULL to ${of}.${namesText(columns)} before ${until} is done.`]
    : [`The new version must keep to ${name ?? rule} of ${of} until ${until} is done.`];
}

function ofRows({ table, command, columns, from }: RowsPromise): readonly string[] {
  if (from === 'expand') return [];
  const of = tableText(table);
  switch (command) {
    case 'insert':
      return [`The rows that the migration inserts into ${of} are all there when ${from} is done.`];
    case 'delete':
      return [`The rows that the migration deletes from ${of} are all gone when ${from} is done.`];
    case 'update':
      return [
        `All rows of ${of} have the ${namesText(columns)} that the migration gives them when ${from} is done; until then it may still change a row that somebody has just written.`,
      ];
  }
}

function onlyAfter(was: string, is: string, from: Phase): readonly string[] {
  return [`The old version may use ${was} until contract; the new one must not use ${is} before ${from} is done.`];
}

function tableText({ old, new: now }: Names<QualifiedName>): string {
  return (now ?? old)?.name ?? '';
}

function columnText(table: Names<QualifiedName>, { old, new: now }: Names<string>): string {
  return `${tableText(table)}.${now ?? old ?? ''}`;
}

function namesText(columns: readonly Names<string>[]): string {
  return columns.map(({ old, new: now }) => now ?? old ?? '').join(', ');
}

const order: readonly Phase[] = ['expand', 'backfill', 'contract'];

function isBefore(a: Phase, b: Phase): boolean {
  return order.indexOf(a) < order.indexOf(b);
}
