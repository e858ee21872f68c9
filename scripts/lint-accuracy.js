// Holds the linter's findings on any folders of migrations against what their statements do on a real server:
//   npm run lint:accuracy -- path/to/migrations [more folders] [--setup before.sql] [--set name=value …]
// docs/lint-accuracy.md says what is compared, and explains what may differ.
import { runOnFolders } from './on-folders.js';

runOnFolders({ command: 'lint:accuracy', test: 'test/accuracy' });
