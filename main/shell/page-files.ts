import { pageHeaders } from '../../preload/contract/page-headers.ts';

/** One file of the built pages, as the door read it. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}
/** Every file of the built pages by its path (`/index.html`); nothing else is served. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** The scheme and the origin of the pages: of nobody else, so that neither a file nor a server of this computer shares it. */
export const pageScheme = 'mirrorfleet-app';
export const pageOrigin = `${pageScheme}://pages`;
export const pageAddress = `${pageOrigin}/`;

/** What is sent for one address. */
export interface PageAnswer {
  readonly status: 200 | 404 | 405;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** The answer to one request of the window. The page itself carries the nonce for its style elements, as at the browser's door. */
export function answerPage(pages: PageFiles, method: string, address: string, nonce: string): PageAnswer {
  if (method !== 'GET') return refusal(405);
  const file = pages.get(pathOf(address) ?? '');
  if (!file) return refusal(404);
  if (!file.type.startsWith('text/html'))
    return { status: 200, headers: { 'content-type': file.type, ...fileHeaders }, bytes: file.bytes };
  const bytes = Buffer.from(file.bytes.toString('utf8').replaceAll('MIRRORFLEET_NONCE', nonce));
  const headers = { 'content-type': file.type, 'cache-control': 'no-store', ...windowPageHeaders(nonce) };
  return { status: 200, headers, bytes };
}

/** Whether an address is the page itself, whatever place within it: all that a window ever goes to. */
export function isPage(address: string): boolean {
  return pathOf(address) === '/index.html';
}

/** The path of one of our addresses; undefined for every other, also one with a query. */
function pathOf(address: string): string | undefined {
  const [whole = ''] = address.split('#', 1);
  if (whole === pageOrigin || whole === pageAddress) return '/index.html';
  return whole.startsWith(pageAddress) ? whole.slice(pageOrigin.length) : undefined;
}

const fileHeaders = { 'x-content-type-options': 'nosniff' } as const;

const refusal = (status: 404 | 405): PageAnswer => ({ status, headers: fileHeaders, bytes: Buffer.alloc(0) });

/** The page's headers in the window: it speaks to the core by a port, so it connects to nothing. */
export function windowPageHeaders(nonce: string): Readonly<Record<string, string>> {
  return pageHeaders(nonce, "'none'");
}
