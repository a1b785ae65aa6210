import type { Program } from '../../../preload/contract/status.ts';
import { Section } from '../../parts/page.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { useSay } from '../../words/use-say.ts';
import { useWords } from '../../words/words.ts';
import styles from './node.module.css';

const names: Readonly<Record<Program['id'], string>> = {
  docker: 'Docker',
  compose: 'Compose',
  registry: 'registry',
  envoy: 'Envoy',
};

/** What runs on the node, in which version, and what is known to be wrong with that version. */
export function Programs({ programs }: { readonly programs: readonly Program[] | undefined }) {
  const t = useWords('node');
  const say = useSay();
  if (!programs || programs.length === 0) return null;
  return (
    <Section title={t('programs')}>
      <ul className={styles.programs}>
        {programs.map(({ id, version, known }) => (
          <li key={id}>
            <span>
              {names[id]} {version}
            </span>
            {known ? (
              <StateMark state="slow" word={say(known)} />
            ) : (
              <span className={styles.dim}>{t('no-known-problem')}</span>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
