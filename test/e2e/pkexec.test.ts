import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { hostKeyOf, openStory, pictureOfLaptop, type Product } from './product.ts';

/** polkit's rule for the laptop: `YES` stands for a person who confirmed in the desktop's dialogue, `NO` for one who dismissed it. */
const rule = (answer: 'YES' | 'NO'): string => `polkit.addRule(function (action, subject) {
  if (action.id === 'org.freedesktop.policykit.exec' && subject.user === 'dev') return polkit.Result.${answer};
});\n`;
const ruleFile = '/etc/polkit-1/rules.d/10-lab.rules';
const desktop = { DISPLAY: ':0' };

let lab: Lab;
let laptop: Machine;
let product: Product;
let before: Record<string, string>;

beforeAll(async () => {
  lab = await attachLab();
  const story = await openStory(lab, 'alpha');
  product = story.product;
  laptop = product.laptop;
  await product.must(['settings', 'vault', 'key-file']);
  await product.must([
    'node',
    'add',
    'alpha',
    `root@${story.server.ip}`,
    '--accept-host-key',
    await hostKeyOf(story.server),
  ]);
  await product.must(['node', 'apply', 'alpha', '--yes']);
  before = await pictureOfLaptop(laptop);
});

afterAll(async () => {
  await product.must(['node', 'remove', 'alpha', '--yes']);
  await laptop.exec(['rm', '-f', ruleFile]);
});

test('on a desktop where the person confirms, a switch needs no password on the command line', async () => {
  await laptop.writeFile(ruleFile, rule('YES'), 0o644);
  const said = await product.run(['switch', 'docker', 'alpha', '--yes'], { env: desktop });
  expect(said).toMatchObject({ code: 0 });
  expect(said.stdout).toContain('proven');
  const back = await product.run(['switch', 'docker', 'direct', '--yes'], { env: desktop });
  expect(back).toMatchObject({ code: 0 });
  expect(await pictureOfLaptop(laptop)).toEqual(before);
});

test('where the person dismisses the dialogue, nothing changes and the way by password is named', async () => {
  await laptop.writeFile(ruleFile, rule('NO'), 0o644);
  await expect
    .poll(async () => (await laptop.exec(['sh', '-c', 'pkexec true; exit $?'], { user: 'dev' })).code)
    .not.toBe(0);
  const said = await product.run(['switch', 'docker', 'alpha', '--yes'], { env: desktop });
  expect(said).toMatchObject({ code: 3 });
  expect(said.stderr).toContain('sudo-password-needed');
  expect(await pictureOfLaptop(laptop)).toEqual(before);
});
