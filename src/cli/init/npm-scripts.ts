/** Adds scripts to a package.json, with everything else in it as it was. A script that exists is left alone. */

const scripts: Readonly<Record<string, string>> = {
  'db:lint': 'migrate lint',
  'db:plan': 'migrate plan',
  'db:up': 'migrate up',
  'db:status': 'migrate status',
};

/** Null when there is nothing to add, or when it is not one that we can read. */
export function withScripts(manifest: string): { readonly text: string; readonly added: readonly string[] } | null {
  const content = parsed(manifest);
  if (content === null) return null;
  const { scripts: own = {} } = content;
  if (!isObject(own)) return null;
  const added = Object.keys(scripts).filter((name) => !(name in own));
  if (added.length === 0) return null;
  const all = { ...own, ...Object.fromEntries(added.map((name) => [name, scripts[name]])) };
  const indent = /\n([ \t]+)"/.exec(manifest)?.[1] ?? '  ';
  const end = manifest.endsWith('\n') ? '\n' : '';
  return { text: `${JSON.stringify({ ...content, scripts: all }, null, indent)}${end}`, added };
}

function parsed(manifest: string): Readonly<Record<string, unknown>> | null {
  try {
    const content: unknown = JSON.parse(manifest);
    return isObject(content) ? content : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
