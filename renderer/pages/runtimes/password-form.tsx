import { Button } from '@mantine/core';
import { type FormEvent, useEffect, useRef } from 'react';
import { SecretInput } from '../../parts/secret-input.tsx';
import { useWords } from '../../words/words.ts';
import styles from './runtimes.module.css';
import type { Asked } from './switch-outcome.ts';

/** Asks for this computer's sudo password, once for the work at hand. */
export function PasswordForm({
  asked,
  verb,
  busy,
  value,
  onChange,
  onSubmit,
}: {
  readonly asked: Asked;
  readonly verb: string;
  readonly busy: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onSubmit: () => void;
}) {
  const t = useWords('runtimes');
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (value !== '') onSubmit();
  };
  return (
    <form ref={form} onSubmit={submit} className={styles.form}>
      <SecretInput
        label={t('sudo-password')}
        description={t('sudo-password-kept')}
        value={value}
        onChange={onChange}
        error={asked === 'wrong' && value === '' ? t('sudo-password-wrong') : undefined}
      />
      <Button type="submit" variant="filled" loading={busy} disabled={value === ''}>
        {verb}
      </Button>
    </form>
  );
}
