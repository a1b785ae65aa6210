import { useWords } from '../words/words.ts';
import { OutsideLink } from './outside-link.tsx';

/** Why this desktop shows no icon of Mirrorfleet, what that means for the window, and how it gets one. */
export function NoTray() {
  const t = useWords('shell');
  return (
    <span>
      {t('no-tray')} {t('no-tray-how')}{' '}
      <OutsideLink to="https://extensions.gnome.org/extension/615/appindicator-support/">
        {t('no-tray-extension')}
      </OutsideLink>
    </span>
  );
}
