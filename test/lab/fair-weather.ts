import { beforeAll } from 'vitest';
import { catalogue, switchAddress } from './catalogue.ts';
import { attachLab } from './lab.ts';

/** Pulls that Docker Hub grants an address, as at the beginning. */
const fullQuota = 100;

// Before each test file: whatever weather the one before left behind ends here. A lab that nobody gave us fails the file.
beforeAll(async () => {
  const { gate } = (await attachLab()).internet;
  await gate.clear();
  await gate.restore();
  for (const address of [switchAddress, ...Object.values(catalogue).map((machine) => machine.address)])
    await gate.setQuota(address, fullQuota);
});
