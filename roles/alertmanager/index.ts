import { apt, copy, defineRole, file, handler, Secret, systemd, template, v } from 'play';

const unit = 'prometheus-alertmanager';
const slackUrlFile = '/etc/prometheus/alertmanager_slack_url';

const reload = handler('reload alertmanager', () => systemd({ name: unit, state: 'reloaded' }));
const restart = handler('restart alertmanager', () => systemd({ name: unit, state: 'restarted' }));

const ownedByRoot = { owner: 'root', group: 'root', mode: '0644' };

/** Alertmanager: mail for everything, Slack too for what cannot wait. */
export const alertmanager = defineRole({
  name: 'alertmanager',
  dir: import.meta.dirname,
  vars: {
    alertmanager_listen: v.optional(
      v.pipe(v.string(), v.description('Where it listens; nginx and Prometheus are on the same host.')),
      '127.0.0.1:9093',
    ),
    alertmanager_url: v.optional(
      v.pipe(v.string(), v.url(), v.description('How people reach it: the links in its messages.')),
      'https://alertmanager.ooni.org/',
    ),
    alertmanager_mail_from: v.optional(
      v.pipe(v.string(), v.description('Sender of its mail.')),
      'alertmanager@monitoring.ooni.org',
    ),
    alertmanager_mail_to: v.pipe(
      v.array(v.string()),
      v.minLength(1, 'must name somebody'),
      v.description('Who gets its mail.'),
    ),
    alertmanager_smarthost: v.pipe(
      v.string(),
      v.regex(/:\d+$/, 'must be HOST:PORT'),
      v.description('Mail server, HOST:PORT.'),
    ),
    alertmanager_slack_url: v.optional(
      v.pipe(
        v.instance(Secret),
        v.description(
          'Webhook of Slack: a value of a vault file, or secretFromEnv(...) in the playbook. Absent: mail only.',
        ),
      ),
    ),
    alertmanager_slack_channel: v.optional(v.pipe(v.string(), v.description('Channel of Slack.')), '#ooni-alerts'),
  },
  handlers: [reload, restart],
  tasks: ({ vars }) => {
    const slack = vars.alertmanager_slack_url;
    return [
      apt({ name: unit, installRecommends: false }, { name: 'install alertmanager' }),
      systemd({ name: unit, state: 'started', enabled: true }, { name: 'start alertmanager' }),
      template(
        { src: 'default.hbs', dest: `/etc/default/${unit}`, ...ownedByRoot },
        { name: 'arguments of alertmanager', notify: restart },
      ),
      copy(
        { src: 'ooni.tmpl', dest: '/etc/prometheus/alertmanager_templates/ooni.tmpl', ...ownedByRoot },
        { name: 'texts of messages', notify: reload },
      ),
      // In a file of its own, so that the configuration can be shown and compared whole. It comes before and goes after
      // the configuration that names it.
      ...(slack
        ? [
            copy(
              { content: slack, dest: slackUrlFile, owner: 'root', group: 'prometheus', mode: '0640' },
              { name: 'webhook of slack', notify: reload },
            ),
          ]
        : []),
      template(
        {
          src: 'alertmanager.yml.hbs',
          dest: '/etc/prometheus/alertmanager.yml',
          ...ownedByRoot,
          validate: 'amtool check-config %s',
          vars: { slack_url_file: slack === undefined ? null : slackUrlFile },
        },
        { name: 'configuration of alertmanager', notify: reload },
      ),
      ...(slack ? [] : [file({ path: slackUrlFile, state: 'absent' }, { name: 'no webhook of slack' })]),
    ];
  },
});
