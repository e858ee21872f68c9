// Runs the acceptance test on any folders of migrations. What they need to be told is said here:
//   npm run acceptance -- path/to/migrations [more folders] [--setup before.sql] [--set name=value …]
import { runOnFolders } from './on-folders.js';

runOnFolders({ command: 'acceptance', test: 'test/acceptance' });
