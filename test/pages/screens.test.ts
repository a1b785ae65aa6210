import { mkdirSync, rmSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violationsOf } from './axe.ts';
import { type Dress, dress, openStage, openStageTab, type OpenStage, showScene } from './open-stage.ts';
import { scenes } from './scenes.ts';

/** Every picture is kept here, to be looked at: `<page>-<scene>-<theme>-<language>-<width>.png`. */
const folder = 'test/artefacts/screens';

const dresses: readonly Dress[] = (['light', 'dark'] as const).flatMap((theme) =>
  (['en', 'zh-CN'] as const).flatMap((language) => [720, 1280].map((width) => ({ theme, language, width }))),
);

/** Of hundreds of pictures Chromium now and then draws none for a tab beside others and waits for ever; asked again, it does. */
async function takePicture(page: Page, path: string): Promise<void> {
  try {
    await page.screenshot({ path, timeout: 10_000 });
  } catch {
    await page.bringToFront();
    await page.screenshot({ path, timeout: 40_000 });
  }
}

let stage: OpenStage;
beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  stage = await openStage();
});
afterAll(() => stage.close());

describe.concurrent('Every page in every state, theme, language and width', () => {
  // A page whose figures never stand still is for the measurement of its frames, not for pictures.
  test.for(scenes.filter(({ scene }) => !scene.endsWith('-live')))(
    '$page, $scene: nothing is out of reach, out of the window or complained of',
    { timeout: 120_000 },
    async (scene, { expect: expectHere }) => {
      const complaints: string[] = [];
      const page = await openStageTab(stage.browser, complaints);
      const wrong: string[] = [];
      await showScene(page, stage.address, scene);
      for (const worn of dresses) {
        const name = `${scene.page}-${scene.scene}-${worn.theme}-${worn.language}-${worn.width}`;
        await dress(page, worn);
        await takePicture(page, `${folder}/${name}.png`);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        if (overflow > 0) wrong.push(`${name}: ${overflow} px wider than the window`);
        wrong.push(...(await violationsOf(page)).map((each) => `${name}: ${each}`));
      }
      await page.context().close();
      expectHere([...new Set(complaints), ...wrong]).toEqual([]);
    },
  );
});

test('the pictures are as many as there are scenes and dresses', () => {
  expect(new Set(scenes.map(({ page, scene }) => `${page} ${scene}`)).size).toBe(scenes.length);
  expect(dresses).toHaveLength(8);
});

test('the way on from a node that is down, or that serves nothing yet, is in sight in every dress', async () => {
  const page = await openStageTab(stage.browser, []);
  const down = scenes.find((each) => each.page === 'fleet' && each.scene === 'down');
  if (!down) throw new Error('no scene of a node that is down');
  await showScene(page, stage.address, down);
  for (const worn of dresses) {
    await dress(page, worn);
    const ways = page.getByRole('grid').locator('a[href*="show=diagnosis"], a[href*="show=plan"]');
    expect(await ways.count()).toBe(2);
    for (const way of await ways.all()) {
      // Of its area, the part that nothing cuts off: neither the window nor the edge of the table.
      const seen = await way.evaluate(
        (link) =>
          new Promise<number>((resolve) => {
            const watch = new IntersectionObserver(([entry]) => {
              watch.disconnect();
              resolve(entry?.intersectionRatio ?? 0);
            });
            watch.observe(link);
          }),
      );
      expect(seen, `${await way.innerText()}, ${worn.language}, ${worn.width} px`).toBe(1);
    }
  }
  await page.context().close();
});
