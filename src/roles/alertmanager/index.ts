import { apt, copy, defineRole, file, handler, option, systemd, systemFiles, template, v } from 'play';

const unit = 'prometheus-alertmanager';

const reload = handler('reload alertmanager', () => systemd({ name: unit, state: 'reloaded' }));
const restart = handler('restart alertmanager', () => systemd({ name: unit, state: 'restarted' }), {
  insteadOf: reload,
});

/** Alertmanager: mail for everything, Slack and others too for what cannot wait. */
export const alertmanager = defineRole(import.meta, {
  description:
    'Alertmanager: mail for all alerts, once a day for those of severity `info`; Slack and others too for what cannot wait. Without any of these, alerts appear only in its web interface.',
  vars: {
    alertmanager_listen: option.text('Where it listens. It does not ask for a password itself.', '127.0.0.1:9093'),
    alertmanager_url: v.optional(
      option.url("How people reach it: the links in its messages. Default: its port under the host's name."),
    ),
    alertmanager_mail_to: option.list('Who gets its mail.', v.string(), []),
    alertmanager_mail_from: v.optional(option.text("Sender of its mail. Default: alertmanager at the host's name.")),
    alertmanager_smarthost: option.text(
      'Mail server, HOST:PORT. One on another host must support TLS.',
      'localhost:25',
      v.regex(/:\d+$/, 'must be HOST:PORT'),
    ),
    alertmanager_mail_user: v.optional(option.text('The user it logs in as at the mail server. Default: none.')),
    alertmanager_mail_password: v.optional(option.secret('The password of that user.')),
    alertmanager_slack_url: v.optional(
      option.secret(
        "Slack's webhook: a value from a vault file, or secretFromEnv(...) in the playbook. Absent: no Slack.",
      ),
    ),
    alertmanager_slack_channel: v.optional(option.text("Slack channel. Default: the webhook's.")),
    alertmanager_receiver: option.record(
      'Further ways to notify about urgent alerts, as in a receiver in alertmanager.yml: `webhook_configs: [{ url: ... }]`.',
      v.unknown(),
      {},
    ),
    alertmanager_messages: v.optional(
      option.text(
        'Templates of your own, which define "message.subject" and "message.text": the absolute path of a file, which the playbook knows. Default: summary and description of each alert.',
        v.startsWith('/', "must be an absolute path: join(import.meta.dirname, 'files/messages.tmpl') in the playbook"),
      ),
    ),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars, host }) => {
    // Files of their own, so that the configuration can be shown and compared whole.
    const secrets = [
      { what: 'webhook of slack', path: '/etc/prometheus/alertmanager_slack_url', value: vars.alertmanager_slack_url },
      {
        what: 'password for mail',
        path: '/etc/prometheus/alertmanager_mail_password',
        value: vars.alertmanager_mail_password,
      },
    ] as const;
    const [slack, password] = secrets.map(({ path, value }) => (value === undefined ? null : path));
    const messages = '/etc/prometheus/alertmanager_templates/local.tmpl';
    return [
      apt({ name: unit }, { name: 'install alertmanager' }),
      systemd({ name: unit, state: 'started', enabled: true }, { name: 'start alertmanager' }),
      template(
        { src: 'default.hbs', dest: `/etc/default/${unit}`, vars: { url: vars.alertmanager_url ?? null } },
        { name: 'arguments of alertmanager', notify: restart },
      ),
      copy(
        { src: vars.alertmanager_messages ?? 'messages.tmpl', dest: messages },
        { name: 'texts of messages', notify: reload },
      ),
      // They come before and go after the configuration that names them.
      ...secrets.flatMap(({ what, path, value }) =>
        value === undefined
          ? []
          : [copy({ content: value, dest: path, group: 'prometheus', mode: '0640' }, { name: what, notify: reload })],
      ),
      template(
        {
          src: 'alertmanager.yml.hbs',
          dest: '/etc/prometheus/alertmanager.yml',
          validate: 'amtool check-config %s',
          vars: {
            from: vars.alertmanager_mail_from ?? `alertmanager@${host.name}`,
            mail_user: vars.alertmanager_mail_user ?? null,
            mail_password_file: password,
            needs_tls: !/^(?:localhost|127\.0\.0\.1|\[::1\]):/.test(vars.alertmanager_smarthost),
            messages,
            slack_url_file: slack,
            slack_channel: vars.alertmanager_slack_channel ?? null,
          },
        },
        { name: 'configuration of alertmanager', notify: reload },
      ),
      ...secrets.flatMap(({ what, path, value }) =>
        value === undefined ? [file({ path, state: 'absent' }, { name: `no ${what}` })] : [],
      ),
    ];
  },
});
