/**
 * DROP CONSTRAINT of a unique, primary or exclusion key while an application is running that relies on it.
 *
 * INSERT … ON CONFLICT needs a unique key over exactly its columns and fails without one; a foreign key of another table
 * needs it as well; and the running version may count on it to keep duplicates out. Dropping a check or a foreign key
 * takes nothing away that a query needs, and is not reported.
 */
import {
  afterDeploy,
  constraintOf,
  defineRule,
  identifier,
  nameText,
  type ChangeOf,
  type RuleContext,
} from '../../src/rule-sdk.ts';

export const noDropConstraintInUse = defineRule({
  id: 'no-drop-constraint-in-use',
  severity: 'error',
  set: 'recommended',
  group: 'old version',
  summary: 'INSERT … ON CONFLICT of the running application fails when the key that it relies on is gone.',
  kinds: ['drop_constraint'],

  check(context) {
    const { change, isNew, written } = context;
    const kind = keyKind(context);
    if (kind === null || isNew(change.table)) return null;
    const table = nameText(change.table);
    return {
      message:
        `The ${kind} ${identifier(change.name).text} of ${table} may be in use: once it is gone, INSERT … ON CONFLICT of ` +
        `the running application that relies on it fails, and nothing keeps duplicates out any more.`,
      instead: afterDeploy('Deploy a version that does without it; drop it when no other version is running:', [
        written,
      ]),
    };
  },
});

function keyKind({ change, table }: RuleContext<ChangeOf<'drop_constraint'>>): string | null {
  const known = table(change.table);
  const constraint = known === null ? null : constraintOf(known, change.name);
  switch (constraint?.kind) {
    case 'unique':
      return 'unique key';
    case 'primary_key':
      return 'primary key';
    case 'exclusion':
      return 'exclusion constraint';
    default:
      return null;
  }
}
