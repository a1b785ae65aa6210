import { MantineProvider } from '@mantine/core';
import '@mantine/core/styles.layer.css';
import '@mantine/spotlight/styles.layer.css';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useMemo } from 'react';
import { problemOf } from './core/problems.ts';
import { shareStyleNonce, styleNonce } from './core/style-nonce.ts';
import { useDoor } from './door/door-context.tsx';
import { Pages } from './pages/pages.tsx';
import { Shell } from './shell/shell.tsx';
import './theme/colours.css';
import { schemeManager } from './theme/scheme-manager.ts';
import { resolveVariables, theme } from './theme/theme.ts';
import { noteProblem } from './vault/vault-need.ts';
import { LanguageProvider } from './words/language-context.tsx';

shareStyleNonce();

/** Whatever fails for want of the vault makes every page offer the way out. */
const note = (error: Error): void => noteProblem(problemOf(error));

/** Answers of the core are kept for half a minute; what is live comes by itself. The core says whether trying again may help. */
const queries = new QueryClient({
  queryCache: new QueryCache({ onError: note }),
  mutationCache: new MutationCache({ onError: note }),
  defaultOptions: {
    queries: { staleTime: 30_000, retry: false, refetchOnWindowFocus: false, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
});

/** Everything a window shows. Needs a DoorProvider and a CoreProvider above it, and words that were started. */
export function App() {
  const { appearance } = useDoor();
  const scheme = useMemo(() => schemeManager(appearance), [appearance]);
  return (
    <QueryClientProvider client={queries}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={resolveVariables}
        colorSchemeManager={scheme}
        defaultColorScheme="auto"
        getStyleNonce={styleNonce}
      >
        <LanguageProvider>
          <Shell>
            <Pages />
          </Shell>
        </LanguageProvider>
      </MantineProvider>
    </QueryClientProvider>
  );
}
