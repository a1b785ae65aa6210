import { type ComponentType, lazy, Suspense, useState } from 'react';
import { Page } from '../parts/page.tsx';
import { SkeletonRows } from '../parts/waiting.tsx';

type Bare = ComponentType<Record<never, never>>;

/** A page whose code comes when it is first opened or when the browser is idle, whichever is sooner. */
export interface LaterPage {
  readonly load: () => Promise<Bare>;
  /** The page where its code is here already. */
  readonly here: () => Bare | undefined;
  readonly Coming: Bare;
}

export function laterPage(load: () => Promise<Bare>): LaterPage {
  let loaded: Bare | undefined;
  let loading: Promise<Bare> | undefined;
  const keep = async (): Promise<Bare> => {
    loaded = await load();
    return loaded;
  };
  const once = (): Promise<Bare> => {
    loading ??= keep().catch((error: unknown) => {
      // The next one who asks tries again.
      loading = undefined;
      throw error;
    });
    return loading;
  };
  return { load: once, here: () => loaded, Coming: lazy(async () => ({ default: await once() })) };
}

/** Shows the page at once where its code is here; else its frame, with rows in the place of its body. */
export function ShowLater({ page, title }: { readonly page: LaterPage; readonly title: string }) {
  // Chosen once: a page that came through Coming stays that same page, with what was typed into it.
  const [Shown] = useState(() => page.here() ?? page.Coming);
  return (
    <Suspense
      fallback={
        <Page title={title}>
          <SkeletonRows rows={12} height={36} />
        </Page>
      }
    >
      <Shown />
    </Suspense>
  );
}

/** Fetches the pages one after the other whenever the browser has nothing better to do. One that cannot be had is asked for again when it is opened. */
export function fetchWhenIdle(pages: readonly LaterPage[]): () => void {
  const stop = new AbortController();
  void fetchAll(pages, stop.signal);
  return () => stop.abort();
}

async function fetchAll(pages: readonly LaterPage[], stop: AbortSignal): Promise<void> {
  for (const page of pages) {
    await new Promise((idle) => requestIdleCallback(idle));
    if (stop.aborted) return;
    try {
      await page.load();
    } catch {
      // Said when somebody opens that page.
    }
  }
}
