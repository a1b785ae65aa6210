import { expect, test } from 'vitest';
import { z } from 'zod';
import { edgeIdHeader, edgeRevisionHeader } from '../../../main/fleet/edge-names.ts';
import { edgeRoutes } from '../../../main/provision/render/routes.ts';
import { served } from './rendered-node.ts';

const addedSchema = z.object({
  header: z.object({ key: z.string(), value: z.string() }),
  append_action: z.string().optional(),
});
const resourceSchema = z.looseObject({
  response_headers_to_add: z.array(addedSchema),
  virtual_hosts: z.array(
    z.object({
      name: z.string(),
      routes: z.array(
        z.looseObject({
          match: z.looseObject({}),
          route: z.looseObject({ cluster: z.string(), retry_policy: z.looseObject({}).optional() }).optional(),
          direct_response: z.object({ status: z.number(), body: z.object({ inline_string: z.string() }) }).optional(),
          response_headers_to_add: z.array(addedSchema).default([]),
        }),
      ),
    }),
  ),
});
const resource = () => resourceSchema.parse(edgeRoutes('mirror.example', served()).resource);
const routes = () => resource().virtual_hosts.flatMap((host) => host.routes);
const leadingTo = (kind: RegExp) => routes().filter(({ route }) => route !== undefined && kind.test(route.cluster));

const nextMember = {
  retry_priority: {
    name: 'envoy.retry_priorities.previous_priorities',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
      update_frequency: 1,
    },
  },
};

test('a manifest that does not come in three seconds is asked of the next as well, and none is waited for longer than half a minute', () => {
  expect(leadingTo(/_manifest$/).length).toBeGreaterThan(10);
  for (const { route } of leadingTo(/_manifest$/))
    expect(route).toMatchObject({
      timeout: '30s',
      hedge_policy: { hedge_on_per_try_timeout: true },
      retry_policy: {
        retry_on: 'connect-failure,refused-stream,reset,gateway-error,retriable-status-codes',
        retriable_status_codes: [404, 500],
        num_retries: 2,
        per_try_timeout: '3s',
        ...nextMember,
      },
    });
});

test('a blob may take as long as it takes, is ended by silence only, and is never downloaded twice because of the clock', () => {
  expect(leadingTo(/_blob$/).length).toBeGreaterThan(10);
  for (const { route } of leadingTo(/_blob$/)) {
    expect(route).toMatchObject({
      timeout: '0s',
      idle_timeout: '300s',
      retry_policy: {
        retry_on: 'connect-failure,refused-stream,reset,retriable-status-codes',
        retriable_status_codes: [404, 500, 503],
        num_retries: 2,
        ...nextMember,
      },
    });
    expect(route).not.toHaveProperty('hedge_policy');
    expect(route?.retry_policy).not.toHaveProperty('per_try_timeout');
  }
});

test('a request for content is written down with the upstream that it is of', () => {
  for (const each of leadingTo(/_(?:manifest|blob)$/)) {
    const upstream = served().find(({ id }) =>
      each.route?.cluster.startsWith(`${id.replace(':', '__').replaceAll('.', '_')}_`),
    );
    expect(each).toMatchObject({ metadata: { filter_metadata: { mirrorfleet: { upstream: upstream?.id } } } });
  }
});

test('a look at the upstream itself goes to its own host, for ten seconds at most, and tells nothing of who asks', () => {
  const found = leadingTo(/^docker_io_(?:probe|token)$/);
  expect(found.map(({ route }) => route)).toEqual([
    { cluster: 'docker_io_probe', timeout: '10s', prefix_rewrite: '/', host_rewrite_literal: 'registry-1.docker.io' },
    { cluster: 'docker_io_token', timeout: '10s', prefix_rewrite: '/', host_rewrite_literal: 'auth.docker.io' },
  ]);
  for (const each of leadingTo(/_(?:probe|token)$/))
    expect(each).toMatchObject({
      request_headers_to_remove: [
        'x-forwarded-for',
        'x-forwarded-proto',
        'x-request-id',
        'x-envoy-external-address',
        'x-envoy-expected-rq-timeout-ms',
      ],
    });
});

test('what the edge answers itself says in words that engines print why it leads nowhere', () => {
  const said = routes().flatMap(({ direct_response: answer }) =>
    answer === undefined ? [] : [`${answer.status} ${answer.body.inline_string}`],
  );
  const error = (status: number, code: string, message: string) =>
    `${status} ${JSON.stringify({ errors: [{ code, message }] })}`;
  expect(new Set(said)).toEqual(
    new Set([
      '200 {}',
      error(405, 'UNSUPPORTED', 'this mirror is read-only'),
      error(404, 'NAME_UNKNOWN', 'this node does not mirror that registry'),
      error(404, 'NAME_UNKNOWN', 'this node has nothing at that path'),
      ...served().map(({ id }) =>
        error(404, 'NAME_UNKNOWN', `this path leads to ${id}, not to the registry that was asked for`),
      ),
    ]),
  );
});

test('what the edge answers itself is JSON, and its first answer says that it is a registry', () => {
  const json = {
    header: { key: 'content-type', value: 'application/json' },
    append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
  };
  for (const { direct_response: answer, response_headers_to_add: added } of routes()) {
    if (answer === undefined) continue;
    const registry = { header: { key: 'docker-distribution-api-version', value: 'registry/2.0' } };
    expect(added).toEqual(answer.status === 200 ? [json, registry] : [json]);
  }
});

test('every answer tells its line in the log and the version of the routes that made it', () => {
  const { version } = edgeRoutes('mirror.example', served());
  expect(resource()).toMatchObject({
    '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
    ignore_port_in_host_matching: true,
    response_headers_to_add: [
      { header: { key: edgeIdHeader, value: '%STREAM_ID%' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
      { header: { key: edgeRevisionHeader, value: version }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
    ],
  });
});
