import { Button } from '@mantine/core';
import { useSnapshot } from '../../core/core-context.tsx';
import { useShell } from '../../door/door-context.tsx';
import { versionsDiffer } from '../../door/core-news.ts';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Section } from '../../parts/page.tsx';
import { Warning } from '../../parts/warning.tsx';
import { useWords } from '../../words/words.ts';
import { useFound } from './setting-row.tsx';

/** What runs here, for whom, and under which licence. */
export function AboutSection() {
  const t = useWords('settings');
  const who = useSnapshot((snapshot) => snapshot.who);
  const desk = useShell();
  if (!useFound('about')) return null;
  return (
    <Section
      title={t('about')}
      actions={
        desk && (
          <>
            <Button onClick={() => desk.shell.reveal('core-log')}>{t('about-log')}</Button>
            <Button onClick={() => desk.shell.reveal('settings-folder')}>{t('about-folder')}</Button>
          </>
        )
      }
    >
      <Facts>
        <Versions />
        <Fact name={t('about-who')}>{who ?? '–'}</Fact>
        <Fact name={t('about-licence')}>{t('about-licence-text')}</Fact>
      </Facts>
    </Section>
  );
}

/** In a browser the pages are the core's own; in the desktop app the two may differ. */
function Versions() {
  const t = useWords('settings');
  const shell = useWords('shell');
  const version = useSnapshot((snapshot) => snapshot.version);
  const state = useShell()?.state;
  if (!state) return <Fact name={t('about-version')}>{version ?? '–'}</Fact>;
  const { core } = state;
  const coreVersion = core.version ?? version;
  return (
    <>
      <Fact name={t('about-version')}>{state.version}</Fact>
      <Fact name={t('about-core')}>
        {coreVersion === undefined
          ? '–'
          : t(core.own ? 'about-core-own' : 'about-core-foreign', { version: coreVersion })}
        {versionsDiffer(state) && (
          <Warning>
            {shell(core.own ? 'versions-own' : 'versions-foreign', { app: state.version, core: core.version ?? '' })}
          </Warning>
        )}
      </Fact>
    </>
  );
}
