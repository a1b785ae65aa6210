import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { useWords } from '../words/words.ts';
import styles from './copy-text.module.css';
import { Icon } from './icons.tsx';

/** A button that copies a text and says that it did. */
export function Copy({ text }: { readonly text: string }) {
  const t = useWords('shell');
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('copied') : t('copy')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={copied ? t('copied') : t('copy')}
            onClick={copy}
          >
            <Icon name={copied ? 'check' : 'copy'} size={14} />
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** A command or a value to be taken elsewhere, in fixed letters with a button that copies it. */
export function CopyText({ text }: { readonly text: string }) {
  return (
    <span className={styles.text}>
      <code>{text}</code>
      <Copy text={text} />
    </span>
  );
}
