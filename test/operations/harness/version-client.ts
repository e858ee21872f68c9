/**
 * An application version at work: it runs its statements round after round over one connection, as fast as small pauses
 * allow, and keeps outside the database what it wrote. No statement may fail: the first one that does ends the client,
 * and everybody who waits for it is told which it was.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { sqlstate, sqlstateOf } from '../../../src/postgres/sqlstate.ts';
import type { CaseDatabase } from './case-database.ts';
import type { Word } from './promised.ts';

export type Version = 'old' | 'new';

export type ClientStatement = {
  readonly text: string;
  readonly writes: boolean;
  /** It is about a row that must be there: to find none is as bad as to fail. */
  readonly findsRow: boolean;
};

export type Round = {
  /** Grows with each round, and is never the same in two clients. */
  readonly number: number;
  /** From 1 to 200, and never the same in two clients. */
  readonly row: number;
  /** What the plan promises by then. */
  readonly word: Word;
};

export type ClientProgram = {
  /** Whether there is anything that it could write to. */
  writes(word: Word): boolean;
  round(round: Round): readonly ClientStatement[];
};

/** About 200 statements a second and client, so that two cores have room for the runner; none when it waits for us. */
const pauseMs = 5;
/** Above the keys of the rows that cases begin with, and small enough for every integer type and partition. */
const firstNumber = 2_000;
const givenRows = 200;

export class VersionClient {
  readonly #database: CaseDatabase;
  readonly #session: pg.Client;
  readonly #version: Version;
  readonly #program: ClientProgram;
  readonly #journal: string[] = [];
  readonly #writes = new Map<string, number>();
  readonly #loop: Promise<void>;
  #phase: string;
  #word: Word;
  #running = true;
  #begun = 0;
  #finished = 0;
  #failure: Error | null = null;
  #waiting: (() => void)[] = [];

  private constructor(
    database: CaseDatabase,
    session: pg.Client,
    version: Version,
    program: ClientProgram,
    word: Word,
    phase: string,
  ) {
    this.#database = database;
    this.#session = session;
    this.#version = version;
    this.#program = program;
    this.#phase = phase;
    this.#word = word;
    this.#loop = this.#work();
  }

  static async start(
    database: CaseDatabase,
    version: Version,
    program: ClientProgram,
    word: Word,
    phase: string,
  ): Promise<VersionClient> {
    return new VersionClient(database, await database.connect(`${version} version`), version, program, word, phase);
  }

  /** All that it wrote and the server confirmed, in order. A statement that found no row wrote nothing. */
  get journal(): readonly string[] {
    return this.#journal;
  }

  /** Confirmed writes since `enter(phase)`. */
  writesIn(phase: string): number {
    return this.#writes.get(phase) ?? 0;
  }

  enter(phase: string): void {
    this.#phase = phase;
  }

  /** From its next round on it does what this allows. */
  hear(word: Word): void {
    this.#word = word;
  }

  /** Resolves when a whole round has been run that began after this call. */
  async wholeRound(): Promise<void> {
    const awaited = this.#begun + 1;
    while (this.#finished < awaited && this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    this.#throwFailure();
  }

  /** Finishes the statement that it is at and disconnects. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#loop;
    await this.#session.end();
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  async #work(): Promise<void> {
    while (this.#running && this.#failure === null) {
      this.#begun += 1;
      const side = this.#version === 'old' ? 0 : 1;
      const turn = 2 * this.#finished + side;
      const round = {
        number: firstNumber + turn,
        row: 1 + (turn % givenRows),
        word: this.#word,
      };
      const statements = this.#program.round(round);
      // There may be nothing that it may use yet.
      if (statements.length === 0) await pause(pauseMs);
      for (const statement of statements) {
        if (!this.#running || this.#failure !== null) return;
        await this.#run(statement);
        if (this.#waiting.length === 0) await pause(pauseMs);
      }
      this.#finished += 1;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve();
    }
  }

  async #run(statement: ClientStatement): Promise<void> {
    const begunIn = this.#phase;
    try {
      const { rowCount } = await this.#session.query(statement.text);
      if (rowCount === 0 && statement.findsRow) throw new Error('It did not find the row.');
      if (!statement.writes || rowCount === 0) return;
      this.#journal.push(statement.text);
      this.#writes.set(begunIn, this.writesIn(begunIn) + 1);
    } catch (error) {
      const phase = this.#phase === begunIn ? begunIn : `${begunIn} or ${this.#phase}`;
      const others = waitedTooLong.has(sqlstateOf(error)) ? await this.#database.sessions() : [];
      const message = `A statement of the ${this.#version} version failed (${phase}): ${describe(error)}`;
      const lines = [message, statement.text, ...others.map((other) => `connected: ${other}`)];
      this.#failure = new Error(lines.join('\n  '), { cause: error });
      for (const resolve of this.#waiting) resolve();
    }
  }
}

const waitedTooLong: ReadonlySet<string | null> = new Set([sqlstate.lockNotAvailable, sqlstate.queryCanceled]);

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  const detail = 'detail' in error && typeof error.detail === 'string' ? ` ${error.detail}` : '';
  return `${error.message}${code}${detail}`;
}
