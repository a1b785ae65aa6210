/** What the page offers as upstreams, and which of them a new node serves unless a person says otherwise. */
export const offeredUpstreams: readonly string[] = [
  'docker.io',
  'ghcr.io',
  'quay.io',
  'gcr.io',
  'registry.k8s.io',
  'mcr.microsoft.com',
];
export const usualUpstreams: readonly string[] = offeredUpstreams.slice(0, 5);

const form = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/;
/** Names that people use for an upstream that is in the list under another. */
const aliases: Readonly<Record<string, string>> = {
  'hub.docker.com': 'docker.io',
  'registry-1.docker.io': 'docker.io',
  'index.docker.io': 'docker.io',
  'k8s.gcr.io': 'registry.k8s.io',
};

/** The upstream that was typed or pasted (`https://Registry.Example/`), or undefined where that is no registry's name. */
export function typedUpstream(text: string): string | undefined {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '');
  const id = aliases[name] ?? name;
  return form.test(id) && /[.:]/.test(id) ? id : undefined;
}

/** Everything there is to choose from: what is offered, then what was typed, each once. */
export function upstreamOptions(chosen: readonly string[], typed: readonly string[]): string[] {
  return [...new Set([...offeredUpstreams, ...typed, ...chosen])];
}
