/** The statements that a case states for one of its clients: `-- old client`, `-- new client`. */
import { parseStatements } from '../../../src/sql/parse.ts';
import type { ClientProgram, ClientStatement, Round } from './version-client.ts';

export function statedProgram(section: string): ClientProgram {
  return {
    writes: () => statementsOf(section, { number: 1, row: 1 }).some(({ writes }) => writes),
    round: (round) => statementsOf(section, round),
  };
}

function statementsOf(section: string, { number, row }: Pick<Round, 'number' | 'row'>): readonly ClientStatement[] {
  const text = section.replaceAll(/(?<![:\w]):([nr])\b/g, (_, name) => String(name === 'n' ? number : row));
  return parseStatements(text).map((statement) => ({
    text: statement.text,
    writes: !Object.hasOwn(statement.node, 'SelectStmt'),
    findsRow: false,
  }));
}
