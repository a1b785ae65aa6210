import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemsPage } from './page.ts';

const root = join(import.meta.dirname, '../..');
writeFileSync(join(root, 'docs/problems.md'), problemsPage(root));
