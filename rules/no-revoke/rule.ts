/**
 * REVOKE while an application is running that may need the right.
 *
 * It locks nothing; queries fail with 42501 from then on. Not reported: rights on what the same file creates, where the
 * REVOKE only takes away what PUBLIC gets by default.
 */
import { afterDeploy, defineRule, grantedObjects, isKind } from '../../src/rule-sdk.ts';

export const noRevoke = defineRule({
  id: 'no-revoke',
  severity: 'warning',
  set: 'strict',
  group: 'old version',
  summary: 'Queries of the running application that need the right fail from the moment of the REVOKE.',
  kinds: ['alter_setting'],

  check({ change, statement, written, isNew, preceding }) {
    if (change.setting !== 'revoke') return null;
    const made = new Set(
      preceding().flatMap((earlier) =>
        isKind(earlier, 'create_object') && !earlier.replace ? [earlier.name.name] : [],
      ),
    );
    const objects = grantedObjects(statement);
    if (objects.length > 0 && objects.every((name) => isNew(name) || made.has(name.name))) return null;
    return {
      message:
        'Queries of the application version that is running fail with 42501 (permission denied) from here on, if they ' +
        `need what this takes away: "${written.replaceAll(/\s+/g, ' ').trim()}".`,
      instead: afterDeploy('Deploy a version that does without it; take it away when no other version is running:', [
        written,
      ]),
    };
  },
});
