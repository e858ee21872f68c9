/** DROP SCHEMA: everything in it goes with it, or it was empty and the drop is harmless; the linter cannot tell which. */
import { afterDeploy, defineRule, identifier, isKind } from '../../src/rule-sdk.ts';

export const noDropSchema = defineRule({
  id: 'no-drop-schema',
  severity: 'error',
  set: 'recommended',
  group: 'old version',
  summary: 'Queries of the running application on anything in the schema fail from the moment of the drop.',
  kinds: ['drop_object'],

  check({ change, preceding }) {
    if (change.objectType !== 'schema' || change.cascade) return null; // no-cascade speaks of that
    const made = preceding().flatMap((earlier) =>
      isKind(earlier, 'create_object') && earlier.objectType === 'schema' ? [earlier.name.name] : [],
    );
    const used = change.names.map(({ name }) => name).filter((name) => !made.includes(name));
    if (used.length === 0) return null;
    const schemas = used.map((name) => identifier(name).text).join(' and ');
    return {
      message: `The application version that is running may still use ${schemas}: each of its queries that names ${schemas} fails once it is gone.`,
      instead: afterDeploy('Deploy a version that does not use it; drop it when no other version is running:', [
        change.sql,
      ]),
    };
  },
});
