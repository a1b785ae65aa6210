import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { violationsOf } from './axe.ts';
import { dress, openStage, openStageTab, showScene } from './open-stage.ts';
import { scenes } from './scenes.ts';

/**
 * One picture of one scene, for the eyes of whoever works on a page:
 * node test/pages/shoot.ts --page fleet --scene hundred --theme dark --lang zh-CN --width 720 --out FILE.png
 * Also says what the console complained of and what axe found. `--scene all` takes every scene of the page (`--out` is then a folder);
 * without a page all scenes are listed. `--full` is the whole height.
 */
const { values } = parseArgs({
  options: {
    page: { type: 'string' },
    scene: { type: 'string', default: 'one' },
    theme: { type: 'string', default: 'light' },
    lang: { type: 'string', default: 'en' },
    width: { type: 'string', default: '1280' },
    out: { type: 'string' },
    full: { type: 'boolean', default: false },
    axe: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const chosen = scenes.filter(
  ({ page, scene }) => page === values.page && (values.scene === 'all' || scene === values.scene),
);
if (chosen.length === 0) {
  console.log(scenes.map(({ page, scene }) => `--page ${page} --scene ${scene}`).join('\n'));
  process.exit(values.page === undefined ? 0 : 2);
}
const stage = await openStage();
try {
  const complaints: string[] = [];
  const page = await openStageTab(stage.browser, complaints);
  for (const scene of chosen) {
    complaints.length = 0;
    await showScene(page, stage.address, scene);
    await dress(page, {
      theme: values.theme === 'dark' ? 'dark' : 'light',
      language: values.lang === 'zh-CN' ? 'zh-CN' : 'en',
      width: Number(values.width),
    });
    const name = `${scene.page}-${scene.scene}.png`;
    const file = values.scene === 'all' ? `${values.out ?? 'test/artefacts/shots'}/${name}` : (values.out ?? name);
    mkdirSync(dirname(file), { recursive: true });
    await page.screenshot({ path: file, fullPage: values.full });
    console.log(file);
    for (const complaint of complaints) console.log(`  ! ${complaint}`);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (overflow > 0) console.log(`  ! ${overflow} px wider than the window`);
    if (!values.axe) continue;
    for (const violation of await violationsOf(page)) console.log(`  axe ${violation}`);
  }
} finally {
  await stage.close();
}
