/** ALTER SCHEMA … RENAME: every qualified name in it changes at once, and every search path that names it points nowhere. */
import { afterDeploy, defineRule, identifier, isKind } from '../../src/rule-sdk.ts';

export const noRenameSchema = defineRule({
  id: 'no-rename-schema',
  severity: 'error',
  set: 'recommended',
  group: 'old version',
  summary: 'Queries of the running application on anything in the schema fail from the moment of the rename.',
  kinds: ['rename_object'],

  check({ change, preceding }) {
    if (change.objectType !== 'schema') return null;
    const isMade = preceding().some(
      (earlier) =>
        isKind(earlier, 'create_object') && earlier.objectType === 'schema' && earlier.name.name === change.from,
    );
    if (isMade) return null;
    const from = identifier(change.from).text;
    return {
      message: `The application version that is running uses the name ${from}, in its queries or on its search path: from the moment of the rename they fail.`,
      instead: afterDeploy('Deploy a version that names neither, or both; rename when no other version is running:', [
        change.sql,
      ]),
    };
  },
});
