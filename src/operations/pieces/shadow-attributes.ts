/**
 * What a column has that takes no time to give to its shadow: NOT NULL (whose proof does take time, and comes first),
 * default, comment, privileges, statistics, the sequence it owns, identity.
 *
 * Not carried over: STORAGE and COMPRESSION, which ALTER COLUMN … TYPE resets to those of the new type as well
 * (ATExecAlterColumnType in src/backend/commands/tablecmds.c).
 */
import { objectKey, type Sequence } from '../../catalog/model.ts';
import { sameName } from '../../catalog/lookup.ts';
import { MigrateError } from '../../errors.ts';
import { emit } from '../../sql/emit.ts';
import { parseStatements } from '../../sql/parse.ts';
import { identifier, literal, qualified, raw, sql } from '../../sql/template.ts';
import { derivedName } from '../derived-name.ts';
import { transactional, undoBy } from '../step-draft.ts';
import { columnGrants } from './column-grants.ts';
import { notNullSteps } from './not-null.ts';
import {
  alter,
  nothingMoved,
  overShadows,
  renameConstraint,
  shadowTitle,
  type Move,
  type ShadowPart,
} from './shadow-part.ts';

export function shadowNotNull(move: Move): ShadowPart {
  const { catalog, migration, table, column, shadow } = move;
  if (!column.notNull) return nothingMoved;
  const named = column.notNullConstraint;
  const name = derivedName('constraint', migration, table, column.name, 'not null');
  const steps = notNullSteps({ table, column: shadow, constraintName: name }, catalog, migration, 'contract').map(
    (step) => ({ ...step, title: step.title.replace(`${table.name}.${shadow}`, shadowTitle(move)) }),
  );
  if (named === null) return { ...nothingMoved, steps };
  const comment = sql`COMMENT ON CONSTRAINT ${identifier(named.name)} ON ${qualified(table)} IS ${literal(named.comment)}`;
  return {
    // A NOT NULL that was never validated stays so.
    steps: named.validated ? steps : steps.slice(0, 1),
    beforeDrop: [],
    afterRename: [renameConstraint(table, name, named.name), ...(named.comment === null ? [] : [comment.text])],
  };
}

export function shadowSettings({ table, column }: Move): ShadowPart {
  const of = sql`${alter(table)} ALTER COLUMN ${identifier(column.name)}`;
  const { statisticsTarget, options } = column;
  return {
    ...nothingMoved,
    afterRename: [
      ...(column.default === null ? [] : [sql`${of} SET DEFAULT ${raw(column.default)}`.text]),
      ...(statisticsTarget === null ? [] : [sql`${of} SET STATISTICS ${literal(statisticsTarget)}`.text]),
      ...(options.length === 0 ? [] : [sql`${of} SET (${raw(options.join(', '))})`.text]),
      ...columnGrants(table, column.grants, column.name),
      // Also without a comment of its own: the shadow's says that it is a helper.
      sql`COMMENT ON COLUMN ${qualified(table)}.${identifier(column.name)} IS ${literal(column.comment)}`.text,
    ],
  };
}

/** Given the moves of one table. */
export function shadowStatistics(all: readonly Move[]): readonly ShadowPart[] {
  const [first] = all;
  if (first === undefined) return [];
  const { table, migration } = first;
  return table.statistics
    .filter((statistics) => all.some(({ column }) => statistics.columns.includes(column.name)))
    .map((statistics) => {
      const moves = all.filter(({ column }) => statistics.columns.includes(column.name));
      const helper = { schema: statistics.schema, name: derivedName('statistics', migration, statistics) };
      const node = parseStatements(statistics.definition)[0]?.node;
      if (node === undefined || !('CreateStatsStmt' in node)) {
        throw new MigrateError('INTERNAL', `"${statistics.definition}" creates no statistics.`);
      }
      const { stxcomment: _comment, ...statement } = overShadows(node, moves).CreateStatsStmt;
      const create = emit({
        CreateStatsStmt: {
          ...statement,
          defnames: [{ String: { sval: helper.schema } }, { String: { sval: helper.name } }],
        },
      });
      const name = qualified(statistics);
      return {
        steps: [
          {
            phase: 'backfill',
            title: `Keep the statistics ${statistics.name} over ${shadowTitle(...moves)}`,
            run: transactional(create),
            undo: undoBy(transactional(sql`DROP STATISTICS IF EXISTS ${qualified(helper)}`.text)),
            notes: [],
          },
        ],
        beforeDrop: [],
        afterRename: [
          sql`ALTER STATISTICS ${qualified(helper)} RENAME TO ${identifier(statistics.name)}`.text,
          ...(statistics.comment === null
            ? []
            : [sql`COMMENT ON STATISTICS ${name} IS ${literal(statistics.comment)}`.text]),
        ],
      };
    });
}

/** A sequence goes with the column that owns it, unless it is given to the shadow first. */
export function shadowSequences({ catalog, table, column, shadow }: Move): readonly ShadowPart[] {
  return [...catalog.sequences.values()]
    .filter(
      ({ identity, ownedBy }) =>
        !identity && ownedBy !== null && ownedBy.column === column.name && sameName(ownedBy.table, table),
    )
    .map((sequence) => ({
      ...nothingMoved,
      beforeDrop: [sql`ALTER SEQUENCE ${qualified(sequence)} OWNED BY ${qualified(table)}.${identifier(shadow)}`.text],
    }));
}

/**
 * An identity column's sequence cannot be given to another column. The shadow gets a sequence of its own with the old
 * one's name and settings, which goes on where the old one stands: renaming the old one locks it, so that nobody takes a
 * number in between.
 */
export function shadowIdentity({ catalog, migration, table, column, shadow, type }: Move): ShadowPart {
  const { identity } = column;
  const sequence = identity === null ? undefined : catalog.sequences.get(objectKey(identity.sequence));
  if (identity === null || sequence === undefined) return nothingMoved;
  const old = { schema: sequence.schema, name: derivedName('shadow', migration, sequence) };
  const kind = raw(identity.kind === 'always' ? 'ALWAYS' : 'BY DEFAULT');
  return {
    ...nothingMoved,
    beforeDrop: [
      sql`ALTER SEQUENCE ${qualified(sequence)} RENAME TO ${identifier(old.name)}`.text,
      sql`${alter(table)} ALTER COLUMN ${identifier(shadow)} ADD GENERATED ${kind} AS IDENTITY (SEQUENCE NAME ${qualified(sequence)} ${raw(settings(sequence, type))})`
        .text,
      sql`SELECT pg_catalog.setval(${literal(qualified(sequence).text)}, last_value, is_called) FROM ${qualified(old)}`
        .text,
      ...(sequence.comment === null
        ? []
        : [sql`COMMENT ON SEQUENCE ${qualified(sequence)} IS ${literal(sequence.comment)}`.text]),
    ],
  };
}

/** The bounds of each type; ALTER COLUMN … TYPE moves a bound that stood at its type's end to the new type's. */
const bounds: Readonly<Record<string, { readonly least: string; readonly greatest: string }>> = {
  smallint: { least: '-32768', greatest: '32767' },
  integer: { least: '-2147483648', greatest: '2147483647' },
  bigint: { least: '-9223372036854775808', greatest: '9223372036854775807' },
};

function settings(sequence: Sequence, type: string): string {
  const before = bounds[sequence.type];
  const after = bounds[type];
  const maximum = sequence.maximum === before?.greatest ? (after?.greatest ?? sequence.maximum) : sequence.maximum;
  const minimum = sequence.minimum === before?.least ? (after?.least ?? sequence.minimum) : sequence.minimum;
  return [
    `START WITH ${sequence.start}`,
    `INCREMENT BY ${sequence.increment}`,
    `MINVALUE ${minimum}`,
    `MAXVALUE ${maximum}`,
    `CACHE ${sequence.cache}`,
    sequence.cycle ? 'CYCLE' : 'NO CYCLE',
  ].join(' ');
}
