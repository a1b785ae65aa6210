import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { packageHost } from './upstreams.ts';

/** Plain HTTP for Debian's package tool: the files of `folder` under `deb.debian.org`, nothing for other names. */
export function packageServer(folder: string): Server {
  return createServer((request, response) => {
    sendFile(folder, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(404).end();
    });
  });
}

async function sendFile(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://files').pathname));
  const file = join(folder, path);
  const found = host === packageHost ? await stat(file) : undefined;
  if (!found?.isFile()) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-length': found.size, 'last-modified': found.mtime.toUTCString() });
  if (request.method === 'HEAD') return void response.end();
  await pipeline(createReadStream(file), response);
}
