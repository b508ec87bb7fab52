import { Secret, v, option } from 'play';

const url = (description: string) => option.text(description, v.url());
const hostName = v.pipe(v.string(), v.regex(/^[a-z0-9.-]+$/, 'must be a host name'));

/** What tells one stage's API from another's: what used to be asked of the host's name, task by task. */
export const apiVariables = {
  backend_stage: option.choice('Which stage of life the host is in.', [
    'testbed',
    'pre-production',
    'production',
    'former-production',
  ]),
  api_collector_id: option.text(
    "The collector's number: part of the name of each measurement it takes.",
    v.regex(/^\d$/, 'must be one digit, in quotes'),
  ),
  api_collectors: option.list('Collectors probes are told of.', hostName, v.minLength(1)),
  api_base_url: url('How the world reaches this API.'),
  api_login_base_url: url('Where links in mail for logging in lead.'),
  api_cors_urls: option.list('Web interfaces whose pages may call it.', v.string(), []),
  api_s3_bucket: option.text('Where raw measurements are kept.'),
  api_github_test_lists: v.optional(
    option.object(
      'Repositories of the test lists: where changes proposed in the web interface go. Absent: none are taken.',
      { origin: v.string(), fork: v.string(), token: v.optional(v.instance(Secret)) },
    ),
  ),
  api_mail_smarthost: option.text('Mail server for links to log in.', 'localhost'),
  api_mail_from: option.text('Sender of its mail.', 'contact@ooni.org', v.email()),
  api_clickhouse_url: option.text('Its database.', 'clickhouse://localhost/default'),
  api_workers: option.integer('Processes of gunicorn.', 4, v.minValue(1)),
  api_names: v.optional(option.list('Names nginx answers to. Default: those of the certificate.', hostName)),
  api_cache: option.flag('Whether nginx keeps answers of statistics for a while.', false),
  metrics_open_to: option.list(
    'Who may come for metrics: the monitoring host.',
    option.network('An address or a network.'),
    [],
  ),
  certificate_names: v.pipe(
    v.array(hostName),
    v.minLength(1, 'must hold a name: nginx serves the API with its certificate'),
  ),
  certificate_also: v.optional(v.record(v.string(), v.array(hostName)), {}),
  // Secrets: from a vault file, or the environment (see ../ooni/secrets.ts).
  api_jwt_key: v.optional(option.secret('Signs what people log in with.')),
  api_account_hashing_key: v.optional(
    option.secret('Turns mail addresses into account ids. Differs between stages, and must never change.'),
  ),
  api_mail_password: v.optional(option.secret('Of the mail server.')),
  psiphon_config: v.optional(option.secret('The configuration handed to probes for psiphon: JSON.')),
};
