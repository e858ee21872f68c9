/**
 * Findings as SARIF 2.1.0, which code scanning of GitHub and others reads. Valid against the standard's schema (a test
 * holds it to that); positions are in UTF-16 units, as the document says.
 */
import type { Finding, LintResult } from '../lint/finding.ts';
import { findingFingerprints } from './finding-fingerprints.ts';
import { fullText, type FindingsOptions } from './findings-options.ts';

const levels = { error: 'error', warning: 'warning', info: 'note' } as const;

type Options = Pick<FindingsOptions, 'pathOf' | 'rules' | 'version'>;

export function findingsSarif({ findings }: LintResult, options: Options): string {
  const { rules, version, pathOf } = options;
  const fingerprints = findingFingerprints(findings, pathOf);
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'onward', semanticVersion: version, version, rules: rules.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding, index) => resultOf(finding, fingerprints[index] ?? '', options)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf({ id, severity, summary, group, set }: Options['rules'][number]): unknown {
  return {
    id,
    name: id,
    shortDescription: { text: summary },
    help: { text: `migrate explain ${id}`, markdown: `\`migrate explain ${id}\` prints why, and when to ignore it.` },
    defaultConfiguration: { level: levels[severity], enabled: set === 'recommended' },
    properties: { tags: [group, set] },
  };
}

function resultOf(finding: Finding, fingerprint: string, { rules, pathOf }: Options): unknown {
  const { rule, severity, file, line, column, endLine, endColumn, fix } = finding;
  const artifactLocation = { uri: uriOf(pathOf(file)) };
  const ruleIndex = rules.findIndex(({ id }) => id === rule);
  return {
    ruleId: rule,
    ...(ruleIndex === -1 ? {} : { ruleIndex }),
    level: levels[severity],
    message: { text: fullText(finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation,
          region: { startLine: line, startColumn: column, endLine, endColumn },
        },
      },
    ],
    ...(finding.otherNames === undefined ? {} : { properties: { otherNames: finding.otherNames } }),
    partialFingerprints: { 'onwardStatement/v1': fingerprint },
    ...(fix === null
      ? {}
      : {
          fixes: [
            {
              description: { text: finding.instead?.text ?? 'Write this instead.' },
              artifactChanges: [
                {
                  artifactLocation,
                  replacements: [
                    {
                      deletedRegion: { charOffset: fix.start, charLength: fix.end - fix.start },
                      insertedContent: { text: fix.sql },
                    },
                  ],
                },
              ],
            },
          ],
        }),
  };
}

/** A relative path stays relative: readers resolve it against the root of the repository. */
function uriOf(file: string): string {
  const encoded = file.split('/').map(encodeURIComponent).join('/');
  if (/^[A-Za-z]:\//.test(file)) return `file:///${file.slice(0, 2)}${encoded.slice(encoded.indexOf('/'))}`;
  return file.startsWith('/') ? `file://${encoded}` : encoded;
}
