import { apt, copy, defineRole, file, handler, systemd, template, v, option, systemFiles } from 'play';

const unit = 'prometheus-alertmanager';
const slackUrlFile = '/etc/prometheus/alertmanager_slack_url';

const reload = handler('reload alertmanager', () => systemd({ name: unit, state: 'reloaded' }));
const restart = handler('restart alertmanager', () => systemd({ name: unit, state: 'restarted' }));

/** Alertmanager: mail for everything, Slack too for what cannot wait. */
export const alertmanager = defineRole(import.meta, {
  vars: {
    alertmanager_listen: option.text('Where it listens; nginx and Prometheus are on the same host.', '127.0.0.1:9093'),
    alertmanager_url: option.text(
      'How people reach it: the links in its messages.',
      'https://alertmanager.ooni.org/',
      v.url(),
    ),
    alertmanager_mail_from: option.text('Sender of its mail.', 'alertmanager@monitoring.ooni.org'),
    alertmanager_mail_to: option.list('Who gets its mail.', v.string(), v.minLength(1, 'must name somebody')),
    alertmanager_smarthost: option.text('Mail server, HOST:PORT.', v.regex(/:\d+$/, 'must be HOST:PORT')),
    alertmanager_slack_url: v.optional(
      option.secret(
        'Webhook of Slack: a value of a vault file, or secretFromEnv(...) in the playbook. Absent: mail only.',
      ),
    ),
    alertmanager_slack_channel: option.text('Channel of Slack.', '#ooni-alerts'),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars }) => {
    const slack = vars.alertmanager_slack_url;
    return [
      apt({ name: unit }, { name: 'install alertmanager' }),
      systemd({ name: unit, state: 'started', enabled: true }, { name: 'start alertmanager' }),
      template(
        { src: 'default.hbs', dest: `/etc/default/${unit}` },
        { name: 'arguments of alertmanager', notify: restart },
      ),
      copy(
        { src: 'ooni.tmpl', dest: '/etc/prometheus/alertmanager_templates/ooni.tmpl' },
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
          validate: 'amtool check-config %s',
          vars: { slack_url_file: slack === undefined ? null : slackUrlFile },
        },
        { name: 'configuration of alertmanager', notify: reload },
      ),
      ...(slack ? [] : [file({ path: slackUrlFile, state: 'absent' }, { name: 'no webhook of slack' })]),
    ];
  },
});
