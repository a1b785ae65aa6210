import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localHost } from '../../../main/hosts/local-host.ts';
import { hostSuite } from '../../suites/host-suite.ts';

hostSuite('this computer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'local-host-'));
  return { host: localHost(), folder, stop: async () => rmSync(folder, { recursive: true, force: true }) };
});
