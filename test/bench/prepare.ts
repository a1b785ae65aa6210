import { ensurePrerequisites, explainFailure } from '../lab/prerequisites.ts';
import { ansibleFolder, serverTools } from './tools.ts';

/* node test/bench/prepare.ts: makes once, and keeps, what the figures need beyond the lab. In the lab itself nobody reaches a package registry. */

async function prepare(): Promise<number> {
  await ensurePrerequisites();
  await ansibleFolder();
  await serverTools();
  return 0;
}

process.exitCode = await prepare().catch(explainFailure);
