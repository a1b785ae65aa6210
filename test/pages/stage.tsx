import { createRoot } from 'react-dom/client';
import { App } from '../../renderer/app.tsx';
import { CoreProvider, createCore } from '../../renderer/core/core-context.tsx';
import { DoorProvider } from '../../renderer/door/door-context.tsx';
import { startWords } from '../../renderer/words/words.ts';
import { scenes } from './scenes.ts';
import { stageDoor } from './world/fake-door.ts';
import { fakeCore } from './world/fake-core.ts';

/** What a test or a person at the console changes without loading the page again. */
export interface Stage {
  theme(theme: 'light' | 'dark'): void;
  language(language: 'en' | 'zh-CN'): void;
}
declare global {
  interface Window {
    stage: Stage;
  }
}

const asked = new URLSearchParams(location.search);
const scene = scenes.find((each) => each.page === asked.get('page') && each.scene === asked.get('scene'));
const root = createRoot(document.getElementById('root') ?? document.body);

if (scene) {
  // What a person wrote in the scene before belongs to that one.
  localStorage.removeItem('mirrorfleet-add-node');
  localStorage.removeItem('mirrorfleet-no-tray-read');
  if (location.hash === '') history.replaceState(null, '', scene.hash);
  const world = scene.world(Date.now());
  const { door, wear } = stageDoor(window, world.shell, () => fakeCore(world, Date.now));
  window.stage = {
    theme: (theme) => wear({ theme }),
    language: (language) => wear({ language }),
  };
  const core = createCore(door.connect());
  startWords(door.appearance);
  root.render(
    <DoorProvider door={door}>
      <CoreProvider core={core}>
        <App />
      </CoreProvider>
    </DoorProvider>,
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
