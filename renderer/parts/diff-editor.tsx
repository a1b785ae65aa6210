import { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { useWords } from '../words/words.ts';
import { styleNonce } from '../core/style-nonce.ts';
import styles from './diff.module.css';
import { diffSides } from './diff-lines.ts';

/** Before and after side by side in CodeMirror; loaded only when someone looks at a diff. */
export function DiffEditor({ diff, label }: { readonly diff: string; readonly label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const t = useWords('shell');
  const [beforeLabel, afterLabel] = [`${label}: ${t('diff-before')}`, `${label}: ${t('diff-after')}`];
  useEffect(() => {
    if (!place.current) return;
    const { before, after } = diffSides(diff);
    const reading = (name: string) => [
      lineNumbers(),
      EditorView.cspNonce.of(styleNonce()),
      EditorState.readOnly.of(true),
      EditorView.lineWrapping,
      // Tab leaves it, as it leaves any other part of the page.
      keymap.of([]),
      EditorView.contentAttributes.of({ 'aria-label': name, 'aria-readonly': 'true' }),
    ];
    const view = new MergeView({
      a: { doc: before, extensions: reading(beforeLabel) },
      b: { doc: after, extensions: reading(afterLabel) },
      parent: place.current,
      gutter: true,
      collapseUnchanged: { margin: 3, minSize: 8 },
    });
    return () => view.destroy();
  }, [diff, beforeLabel, afterLabel]);
  return <div ref={place} className={styles.beside} />;
}
