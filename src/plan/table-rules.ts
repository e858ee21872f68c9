/** The rules that writes to a table must keep to, as the catalog has them. */
import { expressionUses } from '../catalog/expression-columns.ts';
import type { Constraint, QualifiedName, Table } from '../catalog/model.ts';
import type { RuleKind } from './version-promise.ts';

export type TableRule = {
  /** The same before and after a change that leaves the rule. */
  readonly key: string;
  readonly rule: RuleKind;
  readonly name: string | null;
  readonly columns: readonly string[];
  readonly plain: boolean;
  readonly references: QualifiedName | null;
};

const ruleKinds: Readonly<Record<Constraint['kind'], RuleKind>> = {
  check: 'check',
  foreign_key: 'foreign key',
  primary_key: 'primary key',
  unique: 'unique',
  exclusion: 'exclusion',
};

/** By their keys. */
export function rulesOf(table: Table): ReadonlyMap<string, TableRule> {
  const rules: readonly Omit<TableRule, 'key'>[] = [
    ...table.columns
      .filter(({ notNull }) => notNull)
      .map(({ name }) => ({ rule: 'not null' as const, name: null, columns: [name], plain: true, references: null })),
    ...table.constraints
      .filter(({ enforced }) => enforced)
      .map(({ kind, name, columns, references }) => ({
        rule: ruleKinds[kind],
        name,
        columns,
        plain: true,
        references: references?.table ?? null,
      })),
    ...table.indexes
      .filter(({ unique, constraint }) => unique && constraint === null)
      .map(({ name, keys, predicate }) => ({
        rule: 'unique' as const,
        name,
        columns: keys.flatMap(({ column, expression }) => (column === null ? columnsIn(expression, table) : [column])),
        plain: predicate === null && keys.every(({ column }) => column !== null),
        references: null,
      })),
  ];
  return new Map(
    rules.map((rule) => {
      const key = JSON.stringify([rule.rule, rule.name ?? rule.columns]);
      return [key, { key, ...rule }];
    }),
  );
}

function columnsIn(expression: string, table: Table): readonly string[] {
  return table.columns.map(({ name }) => name).filter((name) => expressionUses(expression, name, table.name));
}
