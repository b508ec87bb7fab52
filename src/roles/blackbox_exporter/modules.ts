import { option, v } from 'play';

const module = v.looseObject({
  prober: option.choice('The protocol it probes with.', ['http', 'tcp', 'icmp', 'dns', 'grpc']),
  timeout: v.optional(option.text('How long it waits, such as `10s`.')),
  http: v.optional(option.record('What an answer must be like.', v.unknown())),
});
type Module = v.InferOutput<typeof module>;

/** `blackbox_modules`, for roles that read it: the exporter's and that of Prometheus, whose jobs name modules. */
export const moduleVariable = option.record(
  'Modules besides the general ones, by name, as in blackbox.yml. One with the same name replaces a general one.',
  module,
  {},
);

const ip4 = { preferred_ip_protocol: 'ip4' };
const http = (settings: Readonly<Record<string, unknown>>): Module => ({
  prober: 'http',
  timeout: '10s',
  http: { ...settings, ...ip4 },
});
const tcp = (settings: Readonly<Record<string, unknown>>): Module => ({
  prober: 'tcp',
  timeout: '10s',
  tcp: { ...settings, ...ip4 },
});

const general: Readonly<Record<string, Module>> = {
  // Any answer of 200 to 299, redirects followed.
  http_2xx: http({}),
  // The same over TLS only.
  http_2xx_secure: http({ fail_if_not_ssl: true }),
  // A page behind a password answers, and does not let strangers in. Who signed its certificate does not matter here.
  http_needs_password: http({
    valid_status_codes: [401],
    fail_if_not_ssl: true,
    tls_config: { insecure_skip_verify: true },
  }),
  http_post_2xx: http({ method: 'POST' }),
  tcp_connect: tcp({}),
  tcp_tls_connect: tcp({ tls: true }),
  ssh_banner: tcp({ query_response: [{ expect: '^SSH-2\\.0-' }, { send: 'SSH-2.0-blackbox-ssh-check' }] }),
  smtp_starttls: tcp({
    query_response: [
      { expect: '^220 ' },
      { send: 'EHLO monitoring' },
      { expect: '^250-STARTTLS' },
      { send: 'STARTTLS' },
      { expect: '^220' },
      { starttls: true },
      { send: 'QUIT' },
    ],
  }),
  icmp: { prober: 'icmp', timeout: '5s', icmp: ip4 },
  icmp_ip6: { prober: 'icmp', timeout: '5s', icmp: { preferred_ip_protocol: 'ip6', ip_protocol_fallback: false } },
};

/** All modules: the general ones and those of `blackbox_modules`. */
export const modulesWith = (own: Readonly<Record<string, Module>>): Readonly<Record<string, Module>> => ({
  ...general,
  ...own,
});

/** The modules, those of HTTP with this user agent where they have none of their own. */
export function withUserAgent(
  modules: Readonly<Record<string, Module>>,
  userAgent: string | undefined,
): Readonly<Record<string, Module>> {
  if (userAgent === undefined) return modules;
  return Object.fromEntries(
    Object.entries(modules).map(([name, one]) => [
      name,
      one.prober === 'http'
        ? { ...one, http: { ...one.http, headers: { 'User-Agent': userAgent, ...headersOf(one) } } }
        : one,
    ]),
  );
}

const headersOf = ({ http: settings }: Module): object => {
  const headers = settings?.['headers'];
  return typeof headers === 'object' && headers !== null ? headers : {};
};
