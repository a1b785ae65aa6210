import { forgetImages, hostKeyOf, Product } from '../e2e/product.ts';
import type { Lab, Machine } from '../lab/lab.ts';

/** polkit's answer stands for a person who confirms what the desktop asks; the dialogue itself is the desktop's. */
const rule = `polkit.addRule(function (action, subject) {
  if (action.id === 'org.freedesktop.policykit.exec' && subject.user === 'dev') return polkit.Result.YES;
});\n`;
const ruleFile = '/etc/polkit-1/rules.d/10-lab.rules';

/** A laptop with a node to pull through, as the command line left them: what a story begins with. */
export interface Stand {
  readonly laptop: Machine;
  readonly server: Machine;
  readonly product: Product;
  /** Takes the node off again and lets nobody confirm any more. */
  close(): Promise<void>;
}

/** Sets the machine `alpha` up as the node `tokyo` of the settings in `home`, with a person at the laptop who confirms. */
export async function openStand(lab: Lab, home: string): Promise<Stand> {
  const [laptop, server] = await Promise.all([lab.machine('laptop'), lab.machine('alpha')]);
  const product = new Product(laptop, home);
  await forgetImages(laptop);
  // Podman makes its folders when it is first asked; before and after are compared without that.
  await laptop.mustExec(['su', 'dev', '-c', 'cd; podman info >/dev/null']);
  await product.must(['settings', 'vault', 'key-file']);
  await product.must(['node', 'add', 'tokyo', `root@${server.ip}`, '--accept-host-key', await hostKeyOf(server)]);
  await product.must(['node', 'apply', 'tokyo', '--yes'], { timeoutMs: 280_000 });
  await laptop.writeFile(ruleFile, rule, 0o644);
  return {
    laptop,
    server,
    product,
    async close() {
      await product.run(['switch', 'all', 'direct', '--yes', '--sudo-password-stdin'], { input: 'dev-sudo-pw\n' });
      await product.run(['node', 'remove', 'tokyo', '--yes']);
      await laptop.exec(['rm', '-f', ruleFile]);
    },
  };
}

/** Processes of the app and of its core at the laptop, by their command lines. */
export async function appProcesses(laptop: Machine): Promise<readonly string[]> {
  const { stdout } = await laptop.exec(['pgrep', '-u', 'dev', '-af', 'out/electron-22/|core-process']);
  return stdout.split('\n').filter(Boolean);
}
