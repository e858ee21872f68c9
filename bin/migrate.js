#!/usr/bin/env node
// The only place that touches the exit code of the process. It is set, never forced with process.exit, so that
// output that is still being written to a pipe arrives in full.
import { main } from '../dist/js/cli.js';

process.exitCode = await main(process.argv.slice(2));
