import { useSnapshot } from '../../core/core-context.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Section } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';
import { useFound } from './setting-row.tsx';

/** What runs here, for whom, and under which licence. */
export function AboutSection() {
  const t = useWords('settings');
  const version = useSnapshot((snapshot) => snapshot.version);
  const who = useSnapshot((snapshot) => snapshot.who);
  if (!useFound('about')) return null;
  return (
    <Section title={t('about')}>
      <Facts>
        <Fact name={t('about-version')}>{version ?? '–'}</Fact>
        <Fact name={t('about-who')}>{who ?? '–'}</Fact>
        <Fact name={t('about-licence')}>{t('about-licence-text')}</Fact>
      </Facts>
    </Section>
  );
}
