import type { EdgeStand } from './edge-stand.ts';

/** Pushes an image of one layer to an upstream, as an upstream's own users do. Images of the same author share their configuration's digest. */
export async function publishImage(
  stand: Pick<EdgeStand, 'curl'>,
  host: string,
  image: { repository: string; tag: string; content: string; author?: string },
): Promise<{ manifest: string; layer: string }> {
  const upload = async (content: string) => {
    const digest = await sha256(content);
    const started = await stand.curl(`https://${host}/v2/${image.repository}/blobs/uploads/`, '-X', 'POST');
    const location = started.headers['location'] ?? '';
    const put = await stand.curl(
      `${location}&digest=${digest}`,
      '-X',
      'PUT',
      '-H',
      'Content-Type: application/octet-stream',
      '--data-binary',
      content,
    );
    if (put.status !== 201) throw new Error(`${host} did not take a blob: ${put.status} ${put.body}`);
    return { digest, size: Buffer.byteLength(content) };
  };
  const author = image.author === undefined ? '' : `"author":"${image.author}",`;
  const config = await upload(
    `{"architecture":"amd64",${author}"os":"linux","rootfs":{"type":"layers","diff_ids":[]}}`,
  );
  const layer = await upload(image.content);
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: type,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
  });
  const put = await stand.curl(
    `https://${host}/v2/${image.repository}/manifests/${image.tag}`,
    '-X',
    'PUT',
    '-H',
    `Content-Type: ${type}`,
    '--data-binary',
    manifest,
  );
  if (put.status !== 201) throw new Error(`${host} did not take a manifest: ${put.status} ${put.body}`);
  return { manifest: await sha256(manifest), layer: layer.digest };
}

async function sha256(content: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(content));
  return `sha256:${Buffer.from(hash).toString('hex')}`;
}
