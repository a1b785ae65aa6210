import { ActionIcon, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useDoor } from '../door/door-context.tsx';
import { useWords } from '../words/words.ts';
import styles from './copy-text.module.css';
import { Icon } from './icons.tsx';

/** How long the button says that it copied, in ms. */
const saidMs = 1000;

/** A button that copies a text and says that it did. */
export function Copy({ text }: { readonly text: string }) {
  const t = useWords('shell');
  const door = useDoor();
  const [copied, setCopied] = useState(0);
  useEffect(() => {
    if (copied === 0) return;
    const timer = setTimeout(() => setCopied(0), saidMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const label = t(copied > 0 ? 'copied' : 'copy');
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={label}
        onClick={() => {
          // Where the clipboard is refused nothing was copied, and nothing says so.
          door.copy(text).then(
            () => setCopied((times) => times + 1),
            () => {},
          );
        }}
      >
        <Icon name={copied > 0 ? 'check' : 'copy'} size={14} />
      </ActionIcon>
    </Tooltip>
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
