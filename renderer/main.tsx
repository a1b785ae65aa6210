import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { openConnection } from './core/connection.ts';
import { CoreProvider, createCore } from './core/core-context.tsx';

// First of all: this takes the one-time token out of the address.
const core = createCore(openConnection(window));

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <CoreProvider core={core}>
      <App />
    </CoreProvider>,
  );
