import { Kbd, Modal } from '@mantine/core';
import { useWords } from '../words/words.ts';
import styles from './shell.module.css';

const keys = [
  [['Ctrl/⌘', 'K'], 'keys-palette'],
  [['1', '…', '5'], 'keys-pages'],
  [['↑', '↓', '←', '→'], 'keys-move'],
  [['Enter'], 'keys-open'],
  [['Space'], 'keys-select'],
  [['Ctrl/⌘', 'A'], 'keys-select-all'],
  [['Esc'], 'keys-close'],
  [['?'], 'keys-this'],
] as const;

/** What the keys do. */
export function KeysDialog({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const t = useWords('shell');
  return (
    <Modal opened={opened} onClose={onClose} title={t('keys')} closeButtonProps={{ 'aria-label': t('close') }}>
      <dl className={styles.keys}>
        {keys.map(([names, what]) => (
          <div key={what}>
            <dt>
              {names.map((name) => (
                <Kbd key={name}>{name}</Kbd>
              ))}
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
