import { Secret, v } from 'play';
import { network } from '../nftables/ports.ts';
import { secretVariable } from '../ooni/secrets.ts';

const url = (description: string) => v.pipe(v.string(), v.url(), v.description(description));
const hostName = v.pipe(v.string(), v.regex(/^[a-z0-9.-]+$/, 'must be a host name'));

/** What tells one stage's API from another's: what used to be asked of the host's name, task by task. */
export const apiVariables = {
  backend_stage: v.pipe(
    v.picklist(['testbed', 'pre-production', 'production', 'former-production']),
    v.description('Which stage of life the host is in.'),
  ),
  api_collector_id: v.pipe(
    v.string(),
    v.regex(/^\d$/, 'must be one digit, in quotes'),
    v.description("The collector's number: part of the name of each measurement it takes."),
  ),
  api_collectors: v.pipe(v.array(hostName), v.minLength(1), v.description('Collectors probes are told of.')),
  api_base_url: url('How the world reaches this API.'),
  api_login_base_url: url('Where links in mail for logging in lead.'),
  api_cors_urls: v.optional(v.pipe(v.array(v.string()), v.description('Web interfaces whose pages may call it.')), []),
  api_s3_bucket: v.pipe(v.string(), v.description('Where raw measurements are kept.')),
  api_github_test_lists: v.optional(
    v.pipe(
      v.strictObject({ origin: v.string(), fork: v.string(), token: v.optional(v.instance(Secret)) }),
      v.description(
        'Repositories of the test lists: where changes proposed in the web interface go. Absent: none are taken.',
      ),
    ),
  ),
  api_mail_smarthost: v.optional(v.pipe(v.string(), v.description('Mail server for links to log in.')), 'localhost'),
  api_mail_from: v.optional(v.pipe(v.string(), v.email(), v.description('Sender of its mail.')), 'contact@ooni.org'),
  api_clickhouse_url: v.optional(v.pipe(v.string(), v.description('Its database.')), 'clickhouse://localhost/default'),
  api_workers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Processes of gunicorn.')), 4),
  api_names: v.optional(
    v.pipe(v.array(hostName), v.description('Names nginx answers to. Default: those of the certificate.')),
  ),
  api_cache: v.optional(
    v.pipe(v.boolean(), v.description('Whether nginx keeps answers of statistics for a while.')),
    false,
  ),
  metrics_open_to: v.optional(
    v.pipe(v.array(network), v.description('Who may come for metrics: the monitoring host.')),
    [],
  ),
  certificate_names: v.pipe(
    v.array(hostName),
    v.minLength(1, 'must hold a name: nginx serves the API with its certificate'),
  ),
  certificate_also: v.optional(v.record(v.string(), v.array(hostName)), {}),
  // Secrets: from a vault file, or the environment (see ../ooni/secrets.ts).
  api_jwt_key: secretVariable('Signs what people log in with.'),
  api_account_hashing_key: secretVariable(
    'Turns mail addresses into account ids. Differs between stages, and must never change.',
  ),
  api_mail_password: secretVariable('Of the mail server.'),
  psiphon_config: secretVariable('The configuration handed to probes for psiphon: JSON.'),
};
