import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../words/words.ts';
import styles from './confirm.module.css';

/**
 * Asks before something that matters. The title is the question, the body shows exactly what will change and what cannot be undone, the
 * button says verb and object ("Remove tokyo"). `danger` colours the button; Escape and the other button leave everything as it is.
 */
export function Confirm({
  opened,
  title,
  verb,
  danger,
  busy,
  disabled,
  wide,
  onConfirm,
  onClose,
  children,
}: {
  readonly opened: boolean;
  readonly title: string;
  readonly verb: string;
  readonly danger?: boolean;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly wide?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const t = useWords('shell');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<strong>{title}</strong>}
      size={wide ? '60rem' : '34rem'}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <div className={styles.body}>{children}</div>
      <div className={styles.buttons}>
        <Button onClick={onClose} data-autofocus={danger || undefined}>
          {t('leave-unchanged')}
        </Button>
        <Button
          variant="filled"
          color={danger ? 'red' : 'blue'}
          loading={busy ?? false}
          disabled={disabled ?? false}
          onClick={onConfirm}
          data-autofocus={danger ? undefined : true}
        >
          {verb}
        </Button>
      </div>
    </Modal>
  );
}
