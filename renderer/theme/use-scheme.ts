import { useMantineColorScheme } from '@mantine/core';
import { fromMantine, type Scheme, toMantine } from './scheme.ts';

/** The reader's choice of colours and how to change it; every open page follows. */
export function useScheme(): readonly [Scheme, (scheme: Scheme) => void] {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return [fromMantine(colorScheme), (scheme) => setColorScheme(toMantine(scheme))];
}
