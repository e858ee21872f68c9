/**
 * NOT VALID where Postgres knows none.
 *
 * A unique, primary or exclusion constraint is its index, which is there or not: the parser refuses NOT VALID behind it,
 * and behind a constraint that stands behind a column. A foreign key of a partitioned table takes it from Postgres 18 on.
 */
import {
  defineRule,
  has,
  identifier,
  makeObjectName,
  nameText,
  partitionedForeignKeyAdvice,
  raw,
  script,
  sql,
} from '../../src/rule-sdk.ts';
import type { BrokenStatement, Report } from '../../src/rule-sdk.ts';

export const noInvalidNotValid = defineRule({
  id: 'no-invalid-not-valid',
  severity: 'error',
  set: 'recommended',
  group: 'correctness',
  summary: 'NOT VALID is for checks and foreign keys; Postgres refuses it behind other constraints.',
  kinds: ['add_foreign_key'],

  check(context) {
    const { change, version } = context;
    const isPartitioned = context.table(change.table)?.kind === 'partitioned';
    if (!change.constraint.notValid || !isPartitioned || has(version, 'notValidForeignKeyOnPartitioned')) return null;
    return {
      message:
        `A foreign key of a partitioned table like ${nameText(change.table)} cannot be NOT VALID before Postgres 18: ` +
        `Postgres ${version} refuses it, and the migration stops here.`,
      ...partitionedForeignKeyAdvice(context),
    };
  },

  checkBroken(broken): Report | null {
    const kind = /^(UNIQUE|PRIMARY KEY|EXCLUDE) constraints cannot be marked NOT VALID/.exec(broken.complaint)?.[1];
    if (kind !== undefined) return ofKey(broken, kind);
    const isBehindColumn = behindColumn.test(broken.text);
    if (!isBehindColumn || broken.complaint !== 'syntax error at or near "VALID"') return null;
    return {
      message:
        'NOT VALID cannot stand behind a column: Postgres refuses the statement. Add the column first, and the ' +
        'constraint with ADD CONSTRAINT … NOT VALID after it.',
    };
  },
});

/** What follows ADD is a column and not a constraint. */
const behindColumn =
  /\bADD\s+(?:COLUMN\s|(?!CONSTRAINT|CHECK|FOREIGN|UNIQUE|PRIMARY|EXCLUDE)\w).*\b(?:CHECK|REFERENCES)\b.*\bNOT\s+VALID\b/is;

const addKey =
  /^ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?([\w$.]+)\s+ADD\s+(?:CONSTRAINT\s+([\w$]+)\s+)?(?:UNIQUE|PRIMARY\s+KEY)\s*\(([\w$\s,]+)\)\s*NOT\s+VALID$/i;

function ofKey({ text }: BrokenStatement, kind: string): Report {
  const [, table, constraint, columns] = addKey.exec(text.trim()) ?? [];
  const where = table === undefined ? '' : ` of ${table}`;
  const what = kind === 'EXCLUDE' ? 'An exclusion constraint' : kind === 'UNIQUE' ? 'A unique key' : 'A primary key';
  const message =
    `${what}${where} cannot be NOT VALID: it is its index, which is there or not. Postgres refuses the statement, and ` +
    'the migration stops here.';
  if (table === undefined || columns === undefined) return { message };
  const parts = columns.split(',').map((column) => column.trim());
  const own = table.split('.').at(-1) ?? table;
  const key = kind === 'UNIQUE' ? 'key' : 'pkey';
  const chosen = makeObjectName(own, kind === 'UNIQUE' ? parts.join('_') : null, key);
  const name = identifier(constraint ?? chosen);
  return {
    message,
    instead: {
      text: 'Build the index while everybody goes on, and make it the key:',
      sql: script(
        sql`CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${raw(table)} (${raw(parts.join(', '))})`,
        sql`ALTER TABLE ${raw(table)} ADD CONSTRAINT ${name} ${raw(kind)} USING INDEX ${name}`,
      ),
    },
  };
}
