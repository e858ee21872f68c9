/**
 * How a report looks: colours and width, chosen by whoever prints it. A report never asks the terminal itself, so that
 * the same call gives the same text in a test, a pipe and a terminal.
 */
import { Chalk, type ChalkInstance } from 'chalk';

export type Look = {
  readonly paint: ChalkInstance;
  /** Columns at which text is wrapped. */
  readonly width: number;
};

/** Without colours, 80 columns: what a pipe, a log and a test get. */
export const plainLook: Look = { paint: new Chalk({ level: 0 }), width: 80 };
