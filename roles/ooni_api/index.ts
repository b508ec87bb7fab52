import {
  apt,
  copy,
  defineRole,
  handler,
  PlayError,
  Secret,
  slurp,
  stat,
  systemd,
  template,
  user,
  secretOf,
} from 'play';
import { refusePlaceholders } from '../placeholders/index.ts';
import { bridgesGone, torTargetsById } from './tor-targets-schema.ts';
import { torTargets } from './tor-targets.ts';
import { apiVariables } from './vars.ts';

const restart = handler('restart ooni-api', () => systemd({ name: 'ooni-api', state: 'restarted' }));

const ownedByApi = { owner: 'ooniapi', group: 'ooniapi', mode: '0640' };

/** Its site in nginx is the role `api_site`: nothing here touches nginx or haproxy. */
export const ooniApi = defineRole(import.meta, {
  description: 'The API and what it reads.',
  vars: apiVariables,
  defaults: { installRecommends: false },
  tasks({ vars, host }) {
    const conf = { tags: 'conf', notify: restart };
    const secrets = {
      jwt_key: secretOf(host, 'api_jwt_key', vars.api_jwt_key),
      account_hashing_key: secretOf(host, 'api_account_hashing_key', vars.api_account_hashing_key),
      mail_password: secretOf(host, 'api_mail_password', vars.api_mail_password),
      github_token:
        vars.api_github_test_lists === undefined
          ? null
          : secretOf(host, 'api_github_token', vars.api_github_test_lists.token),
    };
    const targets = torTargetsById(torTargets);
    const targetsFile = '/etc/ooni/tor_targets.json';
    const there = stat({ path: targetsFile }, { name: 'tor targets are there?' });
    const old = slurp(
      { src: targetsFile },
      { name: 'tor targets as they are', noLog: true, when: ({ results }) => results(there).stat.exists },
    );
    return [
      ...refusePlaceholders(host, { 'roles/ooni_api/tor-targets.ts': torTargets }),
      // Before the package, which starts the service as soon as it is there: so it never runs without what it reads.
      user(
        { name: 'ooniapi', system: true, home: '/var/lib/ooniapi', createHome: false, shell: '/usr/sbin/nologin' },
        { name: 'user of the API' },
      ),
      template(
        {
          src: 'api.conf.hbs',
          dest: '/etc/ooni/api.conf',
          ...ownedByApi,
          vars: { ...secrets, test_lists: vars.api_github_test_lists ?? null },
        },
        { name: 'configuration of the API', ...conf },
      ),
      template(
        { src: 'gunicorn.py.hbs', dest: '/etc/ooni/api.gunicorn.py', ...ownedByApi },
        { name: 'configuration of gunicorn', ...conf },
      ),
      copy(
        {
          content: psiphonOf(
            secretOf(host, 'psiphon_config', vars.psiphon_config, { make: () => '{"throwaway": true}' }),
          ),
          dest: '/etc/ooni/psiphon_config.json',
          ...ownedByApi,
        },
        { name: 'configuration of psiphon', ...conf },
      ),
      there,
      old,
      template(
        {
          src: 'tor_targets.json.hbs',
          dest: targetsFile,
          ...ownedByApi,
          vars: ({ results }) => ({
            targets,
            gone: results(there).stat.exists ? bridgesGone(results(old).text, targets) : [],
          }),
        },
        { name: 'tor targets', ...conf },
      ),
      // Present, whatever the version: rolling out is the deployer's.
      apt({ name: 'ooni-api' }, { name: 'install ooni-api' }),
      systemd({ name: 'ooni-api', state: 'started', enabled: true }, { name: 'start ooni-api' }),
    ];
  },
});

/** Probes get it as it is: what is no JSON would reach all of them. */
function psiphonOf(given: Secret): Secret {
  return new Secret(() => {
    try {
      return `${JSON.stringify(JSON.parse(given.expose()), undefined, 2)}\n`;
    } catch {
      // The parser's own message holds the text.
      throw new PlayError('psiphon_config is no JSON', { where: given.source });
    }
  }, given.source);
}
