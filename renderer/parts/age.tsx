import { useFigures } from '../words/use-figures.ts';
import { useNow } from './now.ts';

/** How long ago (or until) `at`, in ms since 1970; the moment itself on hover. Redrawn every second in the first minute, then every minute. */
export function Age({ at }: { readonly at: number }) {
  const figures = useFigures();
  const now = useNow();
  const whole = Math.abs(now - at) < 60_000 ? now : Math.floor(now / 10_000) * 10_000;
  return (
    // The browser's own hint: a table may hold hundreds of these.
    <time dateTime={new Date(at).toISOString()} title={figures.moment(at)}>
      {figures.ago(at, whole)}
    </time>
  );
}
