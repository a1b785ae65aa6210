/**
 * What may stand in a path below a node's data folder, as the registry itself writes it. Everything a server lists and everything that
 * is sent back for deletion passes through here, so neither a `..` nor a blank can travel in either direction.
 */

/** 64 hexadecimal digits: a SHA-256 without its prefix. */
export const isHex = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** A storage folder of one upstream: its host name, with `_` before the port. The two shared folders are none. */
export const isStorage = (text: string): boolean =>
  text !== 'blobs' &&
  text !== 'offline' &&
  text.length <= 255 &&
  /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(_\d{1,5})?$/.test(text);

export const isRepository = (text: string): boolean =>
  text.length <= 255 && /^[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*)*$/.test(text);

export const isTag = (text: string): boolean => /^\w[\w.-]{0,127}$/.test(text);

/** The upstream a storage folder belongs to: the way back from the layout's folder name. */
export const upstreamOfStorage = (storage: string): string => storage.replace('_', ':');
