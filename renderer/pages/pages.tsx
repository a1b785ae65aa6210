import { assertNever } from '../../preload/contract/assert-never.ts';
import type { Place } from '../place/place.ts';
import { usePlace } from '../place/use-place.ts';
import { ActivityPage } from './activity/activity-page.tsx';
import { AddPage } from './add/add-page.tsx';
import { CachePage } from './cache/cache-page.tsx';
import { FleetPage } from './fleet/fleet-page.tsx';
import { MirrorPage } from './mirror/mirror-page.tsx';
import { NodePage } from './node/node-page.tsx';
import { RuntimesPage } from './runtimes/runtimes-page.tsx';
import { SettingsPage } from './settings/settings-page.tsx';
import { UnknownPage } from './unknown-page.tsx';

/** The page of the place where the reader is. */
export function Pages() {
  return <PageOf place={usePlace()} />;
}

function PageOf({ place }: { readonly place: Place }) {
  switch (place.page) {
    case 'fleet':
      return <FleetPage />;
    case 'node':
      return <NodePage key={place.node} />;
    case 'mirror':
      return <MirrorPage key={`${place.node} ${place.upstream}`} />;
    case 'add':
      return <AddPage />;
    case 'runtimes':
      return <RuntimesPage />;
    case 'cache':
      return <CachePage />;
    case 'activity':
      return <ActivityPage />;
    case 'settings':
      return <SettingsPage />;
    case 'unknown':
      return <UnknownPage />;
    default:
      return assertNever(place);
  }
}
