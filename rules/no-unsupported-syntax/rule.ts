/**
 * What the server that the file is for cannot do yet.
 *
 * The linter reads with the newest grammar, so a file that it reads may still be refused by the server of `--pg-version`.
 * What came with which version is told by src/postgres/version.ts, each tried on servers of every version. Not reported:
 * a function that the files or the database define themselves.
 */
import { availableSince, defineStatementRule, has, listText, neededCapabilities } from '../../src/rule-sdk.ts';

export const noUnsupportedSyntax = defineStatementRule({
  id: 'no-unsupported-syntax',
  severity: 'error',
  set: 'recommended',
  group: 'correctness',
  summary: 'The statement needs a newer Postgres than the one it is for, which refuses it.',

  check({ statement, catalog, version }) {
    const missing = neededCapabilities(statement, catalog).filter(({ capability }) => !has(version, capability));
    if (missing.length === 0) return [];
    const since = Math.max(...missing.map(({ capability }) => availableSince(capability)));
    const [line = ''] = statement.text.split('\n');
    const shown = line.length > 60 ? `${line.slice(0, 60)}…` : line;
    return [
      {
        message:
          `${listText(missing.map(({ what }) => what))} came with Postgres ${since}: Postgres ${version}, for which this ` +
          `is, refuses "${shown}", and the migration stops there.`,
      },
    ];
  },
});
