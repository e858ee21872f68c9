/**
 * Keeps V8 from compiling the parser (WASM) a second time, with its optimizing compiler. It would begin within the first
 * statement, and takes a third of the time and of the memory of a short command; even a run over 9,000 files does not win
 * it back. Must be called before the parser is loaded. A setting of the whole process, so it is the program's and not the
 * library's.
 */
import { setFlagsFromString } from 'node:v8';

export function keepParserQuick(): void {
  setFlagsFromString('--liftoff-only');
}
