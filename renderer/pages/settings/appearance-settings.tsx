import { useAppearance, useDoor } from '../../door/door-context.tsx';
import { Choice } from '../../parts/choice.tsx';
import { Section } from '../../parts/page.tsx';
import { schemes } from '../../theme/scheme.ts';
import { useScheme } from '../../theme/use-scheme.ts';
import { languageChoices } from '../../../preload/contract/language.ts';
import { useWords } from '../../words/words.ts';
import { SettingRow, useFound } from './setting-row.tsx';

/** Each language says its own name, so that one who cannot read this page finds it. */
const languageNames = { en: 'English', 'zh-CN': '简体中文' } as const;

/** How these pages look and speak. Kept on this computer, not in the core: another person's window keeps its own. */
export function AppearanceSettings() {
  const t = useWords('settings');
  const [scheme, setScheme] = useScheme();
  const { appearance } = useDoor();
  const { language } = useAppearance();
  if (!useFound('theme', 'language')) return null;
  return (
    <Section title={t('appearance')}>
      <SettingRow id="theme" title={t('theme-title')} what={t('theme-what')}>
        <Choice
          label={t('theme-title')}
          value={scheme}
          onChoose={setScheme}
          options={schemes.map((each) => [each, t(`scheme-${each}`)])}
        />
      </SettingRow>
      <SettingRow id="language" title={t('language-title')} what={t('language-what')}>
        <Choice
          label={t('language-title')}
          value={language}
          onChoose={(choice) => appearance.choose({ language: choice })}
          options={languageChoices.map((each) => [
            each,
            each === 'system' ? t('language-system') : languageNames[each],
          ])}
        />
      </SettingRow>
    </Section>
  );
}
