import { extension } from './envoy-parts.ts';

/** One of Envoy's routes; a route either sends a request on or answers it. */
export interface Route {
  readonly match: object;
  readonly route?: object;
  readonly direct_response?: object;
  readonly [field: string]: unknown;
}

/** The registry answers nobody's credentials: the edge has checked the certificate already. */
export const withoutCredentials = { request_headers_to_remove: ['authorization'] };

/** An answer of the edge itself in the registry protocol's form, which engines print. */
export function answer(
  status: number,
  code: string,
  message: string,
): Pick<Route, 'direct_response' | 'response_headers_to_add'> {
  return {
    direct_response: { status, body: { inline_string: JSON.stringify({ errors: [{ code, message }] }) } },
    response_headers_to_add: [
      { header: { key: 'content-type', value: 'application/json' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
    ],
  };
}

/** A retry goes to the next member of the aggregate, not to the one that just failed. */
const nextMember = {
  retry_priority: {
    name: 'envoy.retry_priorities.previous_priorities',
    typed_config: {
      ...extension('extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig'),
      update_frequency: 1,
    },
  },
};

/**
 * Manifests and tags. After 3 s without an answer the next member is asked as well, and the first good answer wins; a 404 is not good
 * until all have given it, nor is a 500: a prune may have taken a folder away under a registry that was writing there. Only what has not
 * reached the client yet is ever asked again.
 */
export const manifestPolicy = {
  timeout: '30s',
  hedge_policy: { hedge_on_per_try_timeout: true },
  retry_policy: {
    retry_on: 'connect-failure,refused-stream,reset,gateway-error,retriable-status-codes',
    retriable_status_codes: [404, 500],
    num_retries: 2,
    per_try_timeout: '3s',
    ...nextMember,
  },
};

/**
 * Blobs take as long as they take; only silence ends them. They are never asked for twice by the clock: each try is one more full
 * download from the upstream. A 404 is the twin's where the mirror fell with the request or is being started again; a 500 is an upstream's
 * refusal, which may be one of a moment, or a blob that was pruned between a registry's two looks at it.
 */
export const blobPolicy = {
  timeout: '0s',
  idle_timeout: '300s',
  retry_policy: {
    retry_on: 'connect-failure,refused-stream,reset,retriable-status-codes',
    retriable_status_codes: [404, 500, 503],
    num_retries: 2,
    ...nextMember,
  },
};
