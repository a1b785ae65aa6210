import { useEffect } from 'react';
import { assertNever } from '../../preload/contract/assert-never.ts';
import { formatPlace, type Place } from '../place/place.ts';
import { usePlace } from '../place/use-place.ts';
import { useWords } from '../words/words.ts';
import { FleetPage } from './fleet/fleet-page.tsx';
import { fetchWhenIdle, laterPage, ShowLater } from './later-page.tsx';
import { LinkRefusedPage } from './link-refused-page.tsx';
import { PageFault } from './page-fault.tsx';
import { UnknownPage } from './unknown-page.tsx';

/** The fleet is what a window opens with; the code of every other page comes after it, in the order in which people go there. */
const later = {
  runtimes: laterPage(async () => (await import('./runtimes/runtimes-page.tsx')).RuntimesPage),
  node: laterPage(async () => (await import('./node/node-page.tsx')).NodePage),
  mirror: laterPage(async () => (await import('./mirror/mirror-page.tsx')).MirrorPage),
  cache: laterPage(async () => (await import('./cache/cache-page.tsx')).CachePage),
  activity: laterPage(async () => (await import('./activity/activity-page.tsx')).ActivityPage),
  settings: laterPage(async () => (await import('./settings/settings-page.tsx')).SettingsPage),
  add: laterPage(async () => (await import('./add/add-page.tsx')).AddPage),
};

/** The page of the place where the reader is. */
export function Pages() {
  const place = usePlace();
  useEffect(() => fetchWhenIdle(Object.values(later)), []);
  const [path = ''] = formatPlace(place).split('?');
  return (
    <PageFault key={path}>
      <PageOf place={place} />
    </PageFault>
  );
}

function PageOf({ place }: { readonly place: Place }) {
  const t = useWords('shell');
  switch (place.page) {
    case 'fleet':
      return <FleetPage />;
    case 'node':
      return <ShowLater page={later.node} title={place.node} />;
    case 'mirror':
      return <ShowLater page={later.mirror} title={place.upstream} />;
    case 'add':
      return <ShowLater page={later.add} title={t('command-add-node')} />;
    case 'runtimes':
    case 'cache':
    case 'activity':
    case 'settings':
      return <ShowLater page={later[place.page]} title={t(`page-${place.page}`)} />;
    case 'link-refused':
      return <LinkRefusedPage kind={place.kind} />;
    case 'unknown':
      return <UnknownPage />;
    default:
      return assertNever(place);
  }
}
