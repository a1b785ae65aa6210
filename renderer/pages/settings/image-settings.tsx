import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ImageSource } from '../../../preload/contract/node.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import { problemOf } from '../../core/problems.ts';
import { Section } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useWords } from '../../words/words.ts';
import { type ImageError, imageSourceOf } from './image-field.ts';
import { SettingRow, useFound } from './setting-row.tsx';
import styles from './settings-page.module.css';
import { useSave } from './settings-queries.ts';

/** Which images nodes run. A node takes a new one when it is applied next. */
export function ImageSection({ images }: { readonly images: Settings['images'] }) {
  const t = useWords('settings');
  return useFound('image-registry', 'image-envoy') ? (
    <Section title={t('images')}>
      <ImageSetting image="registry" source={images.registry} />
      <ImageSetting image="envoy" source={images.envoy} />
    </Section>
  ) : null;
}

function ImageSetting({ image, source }: { readonly image: 'registry' | 'envoy'; readonly source: ImageSource }) {
  const t = useWords('settings');
  const id = `image-${image}` as const;
  const save = useSave<ImageSource>((settings, next) => settings.setImage({ image, source: next }));
  const kept = { reference: source.reference, archive: source.archive ?? '' };
  /** What is typed and not saved yet. */
  const [typed, setTyped] = useState<typeof kept>();
  const shown = typed ?? kept;
  const result = imageSourceOf(shown);
  const error = 'error' in result ? result.error : undefined;
  const errorAt = (...errors: readonly ImageError[]): string | undefined =>
    error !== undefined && errors.includes(error) ? t(`error-${error}`) : undefined;

  function commit(): void {
    if (typed === undefined || 'error' in result) return;
    setTyped(undefined);
    const same = result.source.reference === source.reference && result.source.archive === source.archive;
    if (!same) save.mutate(result.source);
  }

  const field = (name: keyof typeof kept, label: string, wrong: string | undefined, placeholder?: string) => (
    <TextInput
      label={label}
      className={styles.image}
      value={shown[name]}
      error={wrong}
      disabled={save.isPending}
      spellCheck={false}
      placeholder={placeholder ?? ''}
      onChange={(event) => setTyped({ ...shown, [name]: event.currentTarget.value })}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
        if (event.key === 'Escape') setTyped(undefined);
      }}
    />
  );

  return (
    <SettingRow id={id} title={t(`${id}-title`)} what={t(`${id}-what`)} saved={save.isSuccess}>
      {field('reference', t('image-reference'), errorAt('reference-empty', 'reference-wrong'))}
      {field('archive', t('image-archive'), errorAt('archive-relative'), t('image-archive-none'))}
      {save.error && <ProblemCard problem={problemOf(save.error)} />}
    </SettingRow>
  );
}
