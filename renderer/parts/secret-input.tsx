import { PasswordInput } from '@mantine/core';
import { useWords } from '../words/words.ts';

/** A password or passphrase: hidden while it is typed, shown on request, offered to no browser's memory. */
export function SecretInput({
  label,
  description,
  value,
  onChange,
  error,
  autoFocus,
}: {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | undefined;
  readonly autoFocus?: boolean;
}) {
  const t = useWords('shell');
  return (
    <PasswordInput
      label={label}
      description={description}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      autoComplete="off"
      spellCheck={false}
      data-autofocus={autoFocus || undefined}
      visibilityToggleButtonProps={{ 'aria-label': t('show-secret'), tabIndex: 0 }}
      maw="24rem"
    />
  );
}
