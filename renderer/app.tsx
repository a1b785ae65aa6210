import { MantineProvider } from '@mantine/core';
import '@mantine/core/styles.layer.css';
import '@mantine/spotlight/styles.layer.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useMemo } from 'react';
import { shareStyleNonce, styleNonce } from './core/style-nonce.ts';
import { useDoor } from './door/door-context.tsx';
import { Pages } from './pages/pages.tsx';
import { Shell } from './shell/shell.tsx';
import './theme/colours.css';
import { schemeManager } from './theme/scheme-manager.ts';
import { resolveVariables, theme } from './theme/theme.ts';
import { LanguageProvider } from './words/language-context.tsx';

shareStyleNonce();

/** Answers of the core are kept for half a minute; what is live comes by itself. The core says whether trying again may help. */
const queries = new QueryClient({
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
