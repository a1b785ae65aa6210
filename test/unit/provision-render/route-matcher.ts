import { z } from 'zod';

const headerSchema = z.strictObject({
  name: z.string(),
  string_match: z.object({ safe_regex: z.object({ regex: z.string() }) }),
  invert_match: z.boolean(),
});
const querySchema = z.strictObject({
  name: z.string(),
  present_match: z.boolean().optional(),
  string_match: z.object({ safe_regex: z.object({ regex: z.string() }) }).optional(),
});
const routeSchema = z.object({
  match: z.strictObject({
    prefix: z.string().optional(),
    safe_regex: z.object({ regex: z.string() }).optional(),
    headers: z.array(headerSchema).default([]),
    query_parameters: z.array(querySchema).default([]),
  }),
  route: z
    .object({
      cluster: z.string(),
      prefix_rewrite: z.string().optional(),
      regex_rewrite: z.object({ pattern: z.object({ regex: z.string() }), substitution: z.string() }).optional(),
    })
    .optional(),
  direct_response: z.object({ status: z.number() }).optional(),
  request_headers_to_remove: z.array(z.string()).default([]),
});
export type RenderedRoute = z.infer<typeof routeSchema>;

const resourceSchema = z.object({
  virtual_hosts: z.array(z.object({ name: z.string(), domains: z.array(z.string()), routes: z.array(routeSchema) })),
});

/** Where a request ends: a cluster and the path it is asked, or an answer of the edge itself. */
export type Routed = { readonly cluster: string; readonly path: string } | { readonly status: number };

/** The rendered routes as Envoy would read them: exact domain before `*`, the first match of a host wins, regular expressions match whole. */
export class RouteMatcher {
  readonly hosts: readonly { name: string; domains: string[]; routes: RenderedRoute[] }[];

  constructor(resource: object) {
    this.hosts = resourceSchema.parse(resource).virtual_hosts;
  }

  match(url: string, options: { host?: string; method?: string } = {}): Routed {
    const method = options.method ?? 'GET';
    const host =
      this.hosts.find(({ domains }) => domains.includes(options.host ?? '')) ??
      this.hosts.find(({ domains }) => domains.includes('*'));
    const route = host?.routes.find((each) => matches(each, url, method));
    if (route?.direct_response !== undefined) return { status: route.direct_response.status };
    if (route?.route === undefined) throw new Error(`No route for ${url}`);
    const { cluster, regex_rewrite: regex, prefix_rewrite: prefix } = route.route;
    const [path = ''] = url.split('?');
    if (regex !== undefined) {
      const substitution = regex.substitution.replaceAll('\\1', '$1');
      return { cluster, path: path.replace(new RegExp(regex.pattern.regex), substitution) };
    }
    return { cluster, path: prefix === undefined ? path : prefix + path.slice(route.match.prefix?.length) };
  }
}

function matches({ match }: RenderedRoute, url: string, method: string): boolean {
  const { pathname, searchParams } = new URL(url, 'https://edge');
  const whole = (regex: string, text: string) => new RegExp(`^(?:${regex})$`).test(text);
  const path =
    match.safe_regex === undefined ? pathname.startsWith(match.prefix ?? '/') : whole(match.safe_regex.regex, pathname);
  return (
    path &&
    match.query_parameters.every(({ name, string_match }) => {
      const value = searchParams.get(name);
      return value !== null && (string_match === undefined || whole(string_match.safe_regex.regex, value));
    }) &&
    match.headers.every(
      ({ name, string_match, invert_match }) =>
        whole(string_match.safe_regex.regex, name === ':method' ? method : url) !== invert_match,
    )
  );
}
