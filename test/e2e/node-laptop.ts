import type { Machine } from '../lab/lab.ts';

/** What curl on the laptop got from a node. */
export interface Answer {
  /** 0 where no HTTP answer came. */
  readonly status: number;
  /** curl's own exit code: 0 for any complete answer. */
  readonly exit: number;
  readonly ms: number;
  readonly body: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Question {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Folder with `client.cert` and `client.key`; `none` shows no certificate. Default the one that `switch docker` wrote. */
  readonly client?: string;
  /** `system` trusts only what the laptop trusts anyway. */
  readonly trust?: 'ours' | 'system';
  readonly seconds?: number;
}

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** The laptop as a client of one node: asks it with curl, with the certificates that `mirrorfleet switch docker` wrote for Docker. */
export class NodeLaptop {
  readonly laptop: Machine;
  readonly node: string;
  readonly certificates: string;

  /** `node` is the node's address without a port, as in `https://<node>/`. */
  constructor(laptop: Machine, node: string) {
    this.laptop = laptop;
    this.node = node;
    this.certificates = `/etc/docker/certs.d/${node}`;
  }

  /** curl's words for a path of the node, without a place for the body. */
  curl(
    path: string,
    { method = 'GET', client = this.certificates, trust = 'ours', seconds = 40 }: Question = {},
  ): string[] {
    return [
      'curl',
      '-sS',
      `-m${seconds}`,
      `-Haccept: ${manifestTypes}`,
      ...(method === 'HEAD' ? ['--head'] : ['-X', method]),
      ...(trust === 'ours' ? ['--cacert', `${this.certificates}/ca.crt`] : []),
      ...(client === 'none' ? [] : ['--cert', `${client}/client.cert`, '--key', `${client}/client.key`]),
      `https://${this.node}${path}`,
    ];
  }

  async ask(path: string, question: Question = {}): Promise<Answer> {
    const whole = [...this.curl(path, question), '-i', '-w', '\n%{http_code} %{time_total}'];
    const { stdout, code } = await this.laptop.exec(whole);
    const [, text = '', status = '0', seconds = '0'] = /^([^]*)\n(\d+) ([\d.]+)$/.exec(stdout) ?? [];
    const [head = '', ...body] = text.split('\r\n\r\n');
    const headers = Object.fromEntries(
      [...head.matchAll(/^([\w-]+): (.*?)\r?$/gm)].map(([, name = '', value = '']) => [name.toLowerCase(), value]),
    );
    return {
      status: Number(status),
      exit: code,
      ms: Math.round(Number(seconds) * 1000),
      body: body.join('\r\n\r\n'),
      headers,
    };
  }

  /** What a tag or digest of a manifest is, as the node says: `200 sha256:…`, or only the status. */
  async manifest(path: string): Promise<string> {
    const { status, headers } = await this.ask(path);
    return [status, headers['docker-content-digest'] ?? []].flat().join(' ');
  }

  /** Downloads a blob and gives the digest of the bytes that came; rejects when curl does. */
  async blobDigest(path: string): Promise<string> {
    const script = 'set -o pipefail; "$@" -f | sha256sum | cut -d" " -f1';
    return `sha256:${(await this.laptop.mustExec(['bash', '-c', script, 'blob', ...this.curl(path)])).trim()}`;
  }

  /** The same as {@link blobDigest} at so many bytes a second (`4M`), running beside whatever the test does meanwhile. */
  slowBlobDigest(path: string, rate: string): { readonly digest: Promise<string>; readonly ended: () => boolean } {
    let ended = false;
    const script = 'set -o pipefail; "$@" -f | sha256sum | cut -d" " -f1';
    const digest = this.laptop
      .mustExec(['bash', '-c', script, 'blob', ...this.curl(path, { seconds: 120 }), '--limit-rate', rate])
      .then((line) => `sha256:${line.trim()}`)
      .finally(() => {
        ended = true;
      });
    digest.catch(() => undefined);
    return { digest, ended: () => ended };
  }

  /** Whether something answers a connection to a TCP port of an address, from the laptop. */
  async connects(address: string, port: number): Promise<boolean> {
    const result = await this.laptop.exec(
      ['timeout', '1.5', 'bash', '-c', 'exec 3<>"/dev/tcp/$1/$2"', 'connect', address, String(port)],
      { timeoutMs: 5000 },
    );
    return result.code === 0;
  }

  /** `docker pull` as the person at the laptop, of an image Docker no longer has. */
  async dockerPull(reference: string): Promise<void> {
    await this.laptop.exec(['docker', 'rmi', '-f', reference]);
    await this.laptop.mustExec(['docker', 'pull', reference], { user: 'dev', timeoutMs: 60_000 });
  }

  /** The digests Docker remembers an image by. */
  async dockerDigests(reference: string): Promise<string[]> {
    const json = await this.laptop.mustExec(['docker', 'image', 'inspect', '-f', '{{json .RepoDigests}}', reference]);
    return (JSON.parse(json) as string[]).map((each) => each.replace(/^.*@/, ''));
  }
}
