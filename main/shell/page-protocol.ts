import { randomBytes } from 'node:crypto';
import type { CustomScheme, Protocol } from 'electron';
import { answerPage, type PageAnswer, type PageFiles, pageScheme } from './page-files.ts';

/**
 * What Chromium is told of our scheme before anything else runs: it has origins (`standard`) and is as trusted as https (`secure`). It can
 * not be fetched by scripts, does not pass by any policy and starts no service workers.
 */
export const pageSchemes: CustomScheme[] = [
  { scheme: pageScheme, privileges: { standard: true, secure: true, bypassCSP: false, allowServiceWorkers: false } },
];

/** Serves the pages to windows of one session. */
export function servePages(protocol: Protocol, pages: PageFiles): void {
  const answer = (method: string, address: string): PageAnswer =>
    answerPage(pages, method, address, randomBytes(16).toString('base64url'));
  if (typeof protocol.handle === 'function') {
    protocol.handle(pageScheme, (request) => {
      const { status, headers, bytes } = answer(request.method, request.url);
      return new Response(new Uint8Array(bytes), { status, headers });
    });
    return;
  }
  // Electron before 25 (the tests' older one) knows only this.
  protocol.registerBufferProtocol(pageScheme, (request, callback) => {
    const { status, headers, bytes } = answer(request.method, request.url);
    callback({ statusCode: status, headers: { ...headers }, mimeType: mimeOf(headers), data: bytes });
  });
}

const mimeOf = (headers: PageAnswer['headers']): string =>
  headers['content-type']?.split(';')[0] ?? 'application/octet-stream';
