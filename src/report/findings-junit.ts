/**
 * Findings as a JUnit report, which nearly every CI server shows. A file is a suite. A finding that fails the run is a
 * failure; a warning is a case that passed and has something to say, so that the report and the exit code agree.
 */
import type { Finding, LintResult } from '../lint/finding.ts';
import { fullText, ruleText, sentences, withoutControls, type FindingsOptions } from './findings-options.ts';

export function findingsJunit(
  { findings }: LintResult,
  { pathOf, sources }: Pick<FindingsOptions, 'pathOf' | 'sources'>,
): string {
  const files = [...new Set([...sources.keys(), ...findings.map(({ file }) => file)])];
  const failures = findings.filter(({ severity }) => severity === 'error').length;
  const suites = files.map((file) => {
    const own = findings.filter((finding) => finding.file === file);
    return suite(pathOf(file), own);
  });
  const cases = suites.reduce((sum, { tests }) => sum + tests, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="migrate lint" tests="${cases}" failures="${failures}" errors="0">`,
    ...suites.flatMap(({ lines }) => lines),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(
  file: string,
  findings: readonly Finding[],
): { readonly tests: number; readonly lines: readonly string[] } {
  const failures = findings.filter(({ severity }) => severity === 'error').length;
  const tests = Math.max(1, findings.length);
  const clean = [`    <testcase name="no findings" classname="${xml(file)}"/>`];
  return {
    tests,
    lines: [
      `  <testsuite name="${xml(file)}" tests="${tests}" failures="${failures}" errors="0">`,
      ...(findings.length === 0 ? clean : findings.flatMap((finding) => testCase(file, finding))),
      '  </testsuite>',
    ],
  };
}

function testCase(file: string, finding: Finding): readonly string[] {
  const { severity, line, column } = finding;
  const place = `${file}:${line}:${column}`;
  const text = escaped(`${place}\n${fullText(finding)}`);
  const body =
    severity === 'error'
      ? `<failure type="error" message="${xml(sentences(finding))}">${text}</failure>`
      : `<system-out>${severity}: ${text}</system-out>`;
  return [
    `    <testcase name="${xml(`${ruleText(finding)} (${line}:${column})`)}" classname="${xml(file)}" file="${xml(file)}" line="${line}">`,
    `      ${body}`,
    '    </testcase>',
  ];
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escaped(text: string): string {
  return withoutControls(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** For an attribute, where a reader takes line ends and tabs for blanks. */
function xml(text: string): string {
  return escaped(text).replaceAll('\r', '&#13;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
