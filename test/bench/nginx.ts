import { createAuthority, issueClient, issueServer } from '../../main/certificates/authority.ts';
import type { Machine } from '../lab/lab.ts';
import { bringTools } from './tools.ts';

const folder = '/etc/nginx-bench';

/** nginx at its best on a server of the lab: one file by sendfile over TLS 1.3, a worker for each processor, clients by certificate as at our edge. */
export class Nginx {
  readonly url: string;
  /** What a client shows to be let in, and whom it trusts, in PEM. */
  readonly identity: { readonly ca: string; readonly client: string };
  readonly #machine: Machine;

  private constructor(machine: Machine, url: string, identity: { ca: string; client: string }) {
    this.#machine = machine;
    this.url = url;
    this.identity = identity;
  }

  /** Serves the file under {@link url} until {@link end}. */
  static async start(machine: Machine, file: string): Promise<Nginx> {
    await bringTools(machine);
    const authority = await createAuthority();
    const server = await issueServer(authority, { names: [machine.ip], days: 30 });
    const client = await issueClient(authority, { name: 'bench' });
    await machine.writeFile(`${folder}/server.pem`, server.chain + server.key.reveal());
    await machine.writeFile(`${folder}/ca.pem`, authority.certificate);
    await machine.writeFile(`${folder}/nginx.conf`, configuration(file));
    await machine.mustExec(['nginx', '-c', `${folder}/nginx.conf`]);
    const identity = { ca: authority.certificate, client: client.certificate + client.key.reveal() };
    return new Nginx(machine, `https://${machine.ip}:8444/layer`, identity);
  }

  async end(): Promise<void> {
    await this.#machine.mustExec(['sh', '-c', `nginx -c ${folder}/nginx.conf -s stop; rm -rf ${folder}`]);
  }
}

const configuration = (file: string): string => `
user root;
worker_processes auto;
pid ${folder}/pid;
error_log /dev/null;
events { worker_connections 1024; }
http {
  sendfile on;
  tcp_nopush on;
  access_log off;
  default_type application/octet-stream;
  server {
    listen 8444 ssl http2;
    ssl_certificate ${folder}/server.pem;
    ssl_certificate_key ${folder}/server.pem;
    ssl_protocols TLSv1.3;
    ssl_client_certificate ${folder}/ca.pem;
    ssl_verify_client on;
    location = /layer { alias ${file}; }
  }
}
`;
