import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import '@mantine/core/styles.layer.css';
import '@mantine/spotlight/styles.layer.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { shareStyleNonce, styleNonce } from './core/style-nonce.ts';
import { Pages } from './pages/pages.tsx';
import { Shell } from './shell/shell.tsx';
import './theme/colours.css';
import { schemeKey } from './theme/scheme.ts';
import { resolveVariables, theme } from './theme/theme.ts';
import { LanguageProvider } from './words/language-context.tsx';
import { startWords } from './words/words.ts';

startWords();
shareStyleNonce();

/** Answers of the core are kept for half a minute; what is live comes by itself. The core says whether trying again may help. */
const queries = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 30_000, retry: false, refetchOnWindowFocus: false, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
});

const keptScheme = localStorageColorSchemeManager({ key: schemeKey });

/** Everything a window shows. Needs a CoreProvider above it. */
export function App() {
  return (
    <QueryClientProvider client={queries}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={resolveVariables}
        colorSchemeManager={keptScheme}
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
