/** Pieces that several of Envoy's files are made of. */

export const extension = (path: string): { '@type': string } => ({ '@type': `type.googleapis.com/envoy.${path}` });

export function socketAddress(address: string, port: number): object {
  return { socket_address: { address, port_value: port } };
}

/** A file that Envoy reads again after any rename into its folder. */
export function fileSource(folder: string, file: string): object {
  return {
    resource_api_version: 'V3',
    path_config_source: { path: `${folder}/${file}`, watched_directory: { path: folder } },
  };
}

/** A cluster's one endpoint. */
export function staticEndpoint(cluster: string, address: string, port: number): object {
  return endpoint(cluster, socketAddress(address, port));
}

export function endpoint(cluster: string, address: object): object {
  return {
    load_assignment: { cluster_name: cluster, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
  };
}

/** The filter that turns a connection into requests; `settings` say where routes come from and what else is special. */
export function httpConnectionManager(
  settings: { readonly stat_prefix: string } & Readonly<Record<string, unknown>>,
): object {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      ...extension('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'),
      ...settings,
      http_filters: [
        { name: 'envoy.filters.http.router', typed_config: extension('extensions.filters.http.router.v3.Router') },
      ],
    },
  };
}

/** Memory per slow client, twice. Less costs CPU (64 KiB: 28 % more on HTTP/2), more gains nothing. */
export const bufferLimit = 256 * 1024;
