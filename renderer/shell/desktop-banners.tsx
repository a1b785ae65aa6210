import { Button } from '@mantine/core';
import { useState } from 'react';
import { versionsDiffer } from '../door/core-news.ts';
import { useShell } from '../door/door-context.tsx';
import { Banner } from '../parts/banner.tsx';
import { NoTray } from '../parts/no-tray.tsx';
import { useWords } from '../words/words.ts';

/** App and core are of two versions: said, because nobody would guess it. */
export function VersionBanner() {
  const t = useWords('shell');
  const state = useShell()?.state;
  if (!state || !versionsDiffer(state)) return null;
  return (
    <Banner tone="warning">
      {t(state.core.own ? 'versions-own' : 'versions-foreign', {
        app: state.version,
        core: state.core.version ?? '',
      })}
    </Banner>
  );
}

/** Under this name it is kept that the reader knows of the missing tray. */
const readKey = 'mirrorfleet-no-tray-read';

/** Without a tray the window is all there is of the app: said until somebody has read it, and always in the settings. */
export function NoTrayBanner() {
  const t = useWords('shell');
  const state = useShell()?.state;
  const [read, setRead] = useState(() => localStorage.getItem(readKey) !== null);
  if (!state || state.tray || read) return null;
  const dismiss = (): void => {
    localStorage.setItem(readKey, 'yes');
    setRead(true);
  };
  return (
    <Banner tone="calm" actions={<Button onClick={dismiss}>{t('no-tray-dismiss')}</Button>}>
      <NoTray />
    </Banner>
  );
}
