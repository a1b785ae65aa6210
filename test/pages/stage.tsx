import i18next from 'i18next';
import { createRoot } from 'react-dom/client';
import { App } from '../../renderer/app.tsx';
import { CoreProvider, createCore } from '../../renderer/core/core-context.tsx';
import { scenes } from './scenes.ts';
import { fakeCore } from './world/fake-core.ts';

/** What a test or a person at the console changes without loading the page again. */
export interface Stage {
  theme(theme: 'light' | 'dark'): void;
  language(language: 'en' | 'zh-CN'): Promise<void>;
}
declare global {
  interface Window {
    stage: Stage;
  }
}

const themeKey = 'mirrorfleet-theme';
window.stage = {
  theme(theme) {
    localStorage.setItem(themeKey, theme);
    // What another window's change looks like; the theme follows it at once.
    window.dispatchEvent(new StorageEvent('storage', { key: themeKey, newValue: theme, storageArea: localStorage }));
  },
  async language(language) {
    localStorage.setItem('mirrorfleet-language', language);
    if (i18next.isInitialized) await i18next.changeLanguage(language);
  },
};

const asked = new URLSearchParams(location.search);
const scene = scenes.find((each) => each.page === asked.get('page') && each.scene === asked.get('scene'));
const root = createRoot(document.getElementById('root') ?? document.body);

if (scene) {
  // What a person wrote in the scene before belongs to that one.
  localStorage.removeItem('mirrorfleet-add-node');
  if (location.hash === '') history.replaceState(null, '', scene.hash);
  const core = createCore(fakeCore(scene.world(Date.now()), Date.now));
  root.render(
    <CoreProvider core={core}>
      <App />
    </CoreProvider>,
  );
} else {
  root.render(
    <main>
      <h1>Stage</h1>
      <ul>
        {scenes.map(({ page, scene: name, hash }) => (
          <li key={`${page} ${name}`}>
            <a href={`?page=${page}&scene=${name}${hash}`}>
              {page} {name}
            </a>
          </li>
        ))}
      </ul>
    </main>,
  );
}
