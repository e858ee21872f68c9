/** Config files that are not JSON: YAML and modules, with messages as good as those for JSON. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromModule, fromYaml } from '../../src/cli/config-languages.ts';
import { resolveConfig, type Config } from '../../src/config.ts';
import { withFiles } from './run-main.ts';

const yaml = (text: string): Config => resolveConfig(fromYaml({ file: 'onward.config.yaml', text, within: null }));

describe('yaml', () => {
  test('holds what JSON holds', () => {
    const text =
      'dir: db # here\npgVersion: 16\nrules:\n  no-cascade: "off"\noverrides:\n  - files: [old/**]\n    ignore: true\n';
    expect(yaml(text)).toMatchObject({
      dir: 'db',
      pgVersion: 16,
      rules: { 'no-cascade': 'off' },
      overrides: [{ files: ['old/**'], rules: {}, ignore: true }],
    });
    expect(yaml('# nothing yet\n')).toEqual(resolveConfig(null));
  });

  test.each([
    [
      'dir: a\nsmalTableRows: 5\n',
      'onward.config.yaml:2:1: There is no setting "smalTableRows". Did you mean "smallTableRows"?',
    ],
    ['dir: a\npgVersion: 9\n', 'onward.config.yaml:2:1: "pgVersion" is 9, which is not a major version'],
    ['dir: [a\nb: c', 'onward.config.yaml:2:1: this is not valid YAML'],
    ['- dir', 'is not an object'],
  ])('%j is refused where it is wrong', (text, message) => {
    expect(() => yaml(text)).toThrow(message);
  });
});

describe('a module', () => {
  const read = async (name: string, text: string): Promise<Config> => {
    let config: Config | null = null;
    await withFiles({ [name]: text }, async (folder) => {
      config = resolveConfig(await fromModule({ file: path.join(folder, name), text, within: null }));
    });
    if (config === null) throw new Error('Nothing was read.');
    return config;
  };

  test('exports the settings', async () => {
    expect(await read('a.mjs', "export default { dir: 'db'.repeat(2) };")).toMatchObject({ dir: 'dbdb' });
  });

  test.each([
    ['a.mjs', 'export const dir = 1;', /exports no config/],
    ['a.mjs', "throw new Error('no luck.');", /cannot be loaded: no luck\.$/],
    ['a.mjs', 'export default { schemas: 1 };', /a\.mjs: There is no setting "schemas". Did you mean "schema"\?/],
  ])('%s with %s is refused', async (name, text, message) => {
    await expect(read(name, text)).rejects.toThrow(message);
  });

  test('in TypeScript is read by a Node that takes it, and refused clearly by another', async () => {
    const outcome = await read('a.ts', "const dir: string = 'db';\nexport default { dir };").then(
      ({ dir }) => dir,
      (error: unknown) => String(error),
    );
    const takes = 'typescript' in process.features && process.features.typescript !== false;
    expect(outcome).toMatch(takes ? /^db$/ : /Node v\d\S+ cannot read \S+: it takes no TypeScript/);
  });
});
