import { MantineProvider } from '@mantine/core';
import { createRoot } from 'react-dom/client';
import { openConnection } from './core/connection.ts';
import { CoreProvider, createCore } from './core/core-context.tsx';

// First of all: this takes the one-time token out of the address.
const core = createCore(openConnection(window));

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <CoreProvider core={core}>
      <MantineProvider>Mirrorfleet</MantineProvider>
    </CoreProvider>,
  );
