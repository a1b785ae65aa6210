import { z } from 'zod';

const text = z.string().nullish();
const number = z.number().nullish();

/**
 * One request at the edge. Times in ms; `path` is the client's own, `upstreamPath` what the mirror was asked (with `library/`, without
 * an alias), `upstream` whose content was asked for, `cluster` and `upstreamHost` who answered after `tries`, `peer` and the two beside
 * it the client certificate (SHA-256 of its DER in hex). A refused handshake leaves no line.
 */
export const edgeLogLineSchema = z.object({
  id: z.string(),
  time: z.string().refine((time) => !Number.isNaN(Date.parse(time))),
  method: text,
  path: text,
  upstreamPath: text,
  upstream: text,
  authority: text,
  protocol: text,
  status: z.number(),
  flags: text,
  details: text,
  bytes: number,
  duration: number,
  firstByte: number,
  cluster: text,
  upstreamHost: text,
  tries: number,
  peer: text,
  peerSerial: text,
  peerFingerprint: text,
  agent: text,
  client: text,
  digest: text,
});
export type EdgeLogLine = z.infer<typeof edgeLogLineSchema>;

/** Envoy's operators for each field. `path` prefers the header in which Envoy keeps the client's path when a route rewrites it. */
export const edgeLogFormat: Readonly<Record<keyof EdgeLogLine, string>> = {
  id: '%STREAM_ID%',
  time: '%START_TIME%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  upstreamPath: '%REQ(:PATH)%',
  upstream: '%METADATA(ROUTE:mirrorfleet:upstream)%',
  authority: '%REQ(:AUTHORITY)%',
  protocol: '%PROTOCOL%',
  status: '%RESPONSE_CODE%',
  flags: '%RESPONSE_FLAGS%',
  details: '%RESPONSE_CODE_DETAILS%',
  bytes: '%BYTES_SENT%',
  duration: '%DURATION%',
  firstByte: '%RESPONSE_DURATION%',
  cluster: '%UPSTREAM_CLUSTER%',
  upstreamHost: '%UPSTREAM_HOST%',
  tries: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
  peer: '%DOWNSTREAM_PEER_SUBJECT%',
  peerSerial: '%DOWNSTREAM_PEER_SERIAL%',
  peerFingerprint: '%DOWNSTREAM_PEER_FINGERPRINT_256%',
  agent: '%REQ(USER-AGENT)%',
  client: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
  digest: '%RESP(DOCKER-CONTENT-DIGEST)%',
};

/** A line of the access log; undefined for one that is none (cut by a rotation, written by someone else). */
export function parseEdgeLogLine(line: string): EdgeLogLine | undefined {
  try {
    return edgeLogLineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
