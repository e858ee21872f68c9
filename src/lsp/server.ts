/**
 * The language server: diagnostics as you type, quick fixes, and on hover what a statement locks and why a rule speaks.
 *
 * Documents are linted one after the other, and of each only its latest text: whoever types faster than the linter works
 * skips what is in between. An error of the settings or of another file is told once in the editor, and the last settings
 * that were good stay in force.
 */
import { fileURLToPath } from 'node:url';
import {
  CodeActionKind,
  MarkupKind,
  MessageType,
  ShowMessageNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type Hover,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { lockTable } from '../report/lock-table.ts';
import { diagnosticOf, rangeOf, touches } from './diagnostic.ts';
import { DocumentLinter, type LanguageSettings, type Linted } from './document-lint.ts';
import { codeActions, fixAllKind } from './quick-fixes.ts';

export type LanguageServerOptions = {
  readonly connection: Connection;
  readonly version: string;
  /** Asked before each lint, so that a changed config holds at once. May throw. */
  readonly settings: () => Promise<LanguageSettings>;
  /** The page of a rule, in Markdown. */
  readonly page: (rule: string) => Promise<string>;
  /** The client's folder, from which the config and the migrations are found. */
  readonly enter: (folder: string) => void;
};

/** Resolves when the client says goodbye. */
export function serveLanguage({ connection, version, settings, page, enter }: LanguageServerOptions): Promise<void> {
  const documents = new TextDocuments(TextDocument);
  const linter = new DocumentLinter();
  const results = new Map<string, { readonly version: number; readonly linted: Linted }>();
  const waiting = new Set<string>();
  let isLinting = false;
  let lastSettings: LanguageSettings | null = null;
  let lastComplaint = '';

  connection.onInitialize(({ workspaceFolders, rootUri }) => {
    const root = workspaceFolders?.[0]?.uri ?? rootUri;
    if (root?.startsWith('file:') === true) enter(fileURLToPath(root));
    return {
      serverInfo: { name: 'onward', version },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
        hoverProvider: true,
      },
    };
  });

  const lintLater = (uri: string): void => {
    waiting.add(uri);
    if (!isLinting) void lintWaiting();
  };
  const lintOpen = (): void => {
    for (const { uri } of documents.all()) lintLater(uri);
  };
  documents.onDidChangeContent(({ document }) => {
    lintLater(document.uri);
  });
  documents.onDidSave(lintOpen);
  documents.onDidClose(({ document: { uri } }) => {
    results.delete(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
  });
  connection.onDidChangeWatchedFiles(lintOpen);

  async function lintWaiting(): Promise<void> {
    isLinting = true;
    for (const uri of waiting) {
      waiting.delete(uri);
      await lintDocument(uri);
    }
    isLinting = false;
  }

  async function lintDocument(uri: string): Promise<void> {
    const document = documents.get(uri);
    if (document === undefined || !uri.startsWith('file:')) return;
    try {
      lastSettings = await settings();
    } catch (error) {
      complain(error);
    }
    if (lastSettings === null) return;
    const open = new Map(
      documents
        .all()
        .filter((each) => each.uri.startsWith('file:'))
        .map((each) => [fileURLToPath(each.uri), Buffer.from(each.getText())] as const),
    );
    try {
      const linted = await linter.lint(fileURLToPath(uri), open, lastSettings);
      if (documents.get(uri)?.version !== document.version) return lintLater(uri);
      results.set(uri, { version: document.version, linted });
      const diagnostics = linted.findings.map(diagnosticOf);
      await connection.sendDiagnostics({ uri, version: document.version, diagnostics });
      lastComplaint = '';
    } catch (error) {
      complain(error);
    }
  }

  function complain(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    connection.console.error(text);
    if (text === lastComplaint) return;
    lastComplaint = text;
    void connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Error, message: text });
  }

  /** What was said of the document as it is now; null while that is still being found out. */
  function current(uri: string): { readonly document: TextDocument; readonly linted: Linted } | null {
    const document = documents.get(uri);
    const result = results.get(uri);
    return document === undefined || result?.version !== document.version ? null : { document, linted: result.linted };
  }

  connection.onCodeAction(({ textDocument, range, context }) => {
    const now = current(textDocument.uri);
    if (now === null) return [];
    const { source, findings } = now.linted;
    const actions = codeActions({ document: now.document, source, findings }, range);
    const { only } = context;
    return only === undefined
      ? actions
      : actions.filter(({ kind = '' }) => only.some((wanted) => isKind(kind, wanted)));
  });

  connection.onHover(async ({ textDocument, position }): Promise<Hover | null> => {
    const now = current(textDocument.uri);
    const locks = await now?.linted.locksAt(now.document.offsetAt(position));
    if (now === null || locks === undefined || locks === null) return null;
    const here = now.linted.findings.filter((finding) => touches(rangeOf(finding), { start: position, end: position }));
    const rules = [...new Set(here.map(({ rule }) => rule))];
    const parts = [lockTable(locks), ...(await Promise.all(rules.map(async (rule) => shortened(await page(rule)))))];
    return {
      contents: { kind: MarkupKind.Markdown, value: parts.join('\n\n---\n\n') },
      range: {
        start: now.document.positionAt(locks.statement.start),
        end: now.document.positionAt(locks.statement.end),
      },
    };
  });

  return new Promise((resolve) => {
    connection.onExit(resolve);
    documents.listen(connection);
    connection.listen();
  });
}

function isKind(kind: string, wanted: string): boolean {
  return kind === wanted || kind.startsWith(`${wanted}.`);
}

/** What the rule is and why, without its examples and their set-up. */
function shortened(page: string): string {
  const end = page.search(/^```|^## (?!Why)/m);
  return (end === -1 ? page : page.slice(0, end)).trim().replace(/^# /, '### ').replace(/^## /gm, '#### ');
}
