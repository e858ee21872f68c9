/** An editor, as far as a language server notices: it starts the server, opens documents, types, and asks. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CodeActionRequest,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  MarkupContent,
  PublishDiagnosticsNotification,
  ShowMessageNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type CodeAction,
  type InitializeResult,
  type Position,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import { repositoryFolder } from '../support/server.ts';

export type Editor = {
  readonly server: InitializeResult;
  open(file: string, text: string): Promise<void>;
  /** Replaces the whole text. */
  type(file: string, text: string): Promise<void>;
  /** The next diagnostics of the file's version, waited for. */
  diagnostics(file: string): Promise<PublishDiagnosticsParams['diagnostics']>;
  actions(file: string, at: Position, only?: string[]): Promise<CodeAction[]>;
  hover(file: string, at: Position): Promise<string | null>;
  readonly messages: readonly string[];
  /** Says goodbye; fails when the server does not end well. */
  quit(): Promise<void>;
};

export async function openEditor(folder: string): Promise<Editor> {
  const program = path.join(repositoryFolder, 'bin', 'migrate.js');
  const child = spawn(process.execPath, [program, 'lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => {
    child.on('exit', resolve);
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const versions = new Map<string, number>();
  const published = new Map<string, PublishDiagnosticsParams>();
  const messages: string[] = [];
  const changed: (() => void)[] = [];
  const uriOf = (file: string): string => pathToFileURL(path.join(folder, file)).href;
  connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
    published.set(params.uri, params);
    for (const resolve of changed.splice(0)) resolve();
  });
  connection.onNotification(ShowMessageNotification.type, ({ message }) => {
    messages.push(message);
    for (const resolve of changed.splice(0)) resolve();
  });
  connection.listen();
  const server = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: {},
    workspaceFolders: null,
  });
  await connection.sendNotification(InitializedNotification.type, {});
  return {
    server,
    messages,
    async open(file, text) {
      versions.set(file, 1);
      const textDocument = { uri: uriOf(file), languageId: 'sql', version: 1, text };
      await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    },
    async type(file, text) {
      const version = (versions.get(file) ?? 0) + 1;
      versions.set(file, version);
      const textDocument = { uri: uriOf(file), version };
      await connection.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument,
        contentChanges: [{ text }],
      });
    },
    async diagnostics(file) {
      for (;;) {
        const last = published.get(uriOf(file));
        if (last !== undefined && last.version === versions.get(file)) return last.diagnostics;
        await new Promise<void>((resolve) => {
          changed.push(resolve);
        });
      }
    },
    async actions(file, at, only) {
      const found = await connection.sendRequest(CodeActionRequest.type, {
        textDocument: { uri: uriOf(file) },
        range: { start: at, end: at },
        context: { diagnostics: [], ...(only === undefined ? {} : { only }) },
      });
      return (found ?? []).filter((each): each is CodeAction => 'kind' in each);
    },
    async hover(file, position) {
      const found = await connection.sendRequest(HoverRequest.type, { textDocument: { uri: uriOf(file) }, position });
      return found !== null && MarkupContent.is(found.contents) ? found.contents.value : null;
    },
    async quit() {
      await connection.sendRequest(ShutdownRequest.type);
      await connection.sendNotification(ExitNotification.type);
      const code = await ended;
      connection.dispose();
      if (code !== 0) throw new Error(`The language server ended with ${code ?? 'a signal'}.`);
    },
  };
}
