import { apt, debug, defineRole, handler, systemd, template, user, v, option } from 'play';

// Measurements that arrive while it restarts are lost, and it is slow to start: whoever changes it picks the moment.
const tell = handler('fastpath is to be restarted', () =>
  debug({
    msg: 'fastpath reads its configuration when it starts: watch its logs, then  sudo systemctl restart fastpath',
  }),
);

/** Without `fastpath` it is not there. */
export const fastpath = defineRole(import.meta, {
  description: 'The fastpath: scores measurements as they arrive.',
  vars: {
    fastpath: v.optional(
      option.object('The fastpath. Absent: none.', {
        collectors: option.list('Collectors it takes measurements of.', v.string()),
        clickhouse_url: v.optional(v.string(), 'clickhouse://localhost/default'),
        s3_bucket: v.optional(option.text('Where it reads archives. Absent: it reads none.')),
        install: option.flag('Whether the package is seen to; false where the deployer alone does that.', true),
      }),
    ),
  },
  defaults: { installRecommends: false },
  tasks({ vars: { fastpath: wanted } }) {
    if (wanted === undefined) return [];
    return [
      user(
        { name: 'fastpath', system: true, home: '/var/lib/fastpath', createHome: false, shell: '/usr/sbin/nologin' },
        { name: 'user of the fastpath' },
      ),
      template(
        {
          src: 'fastpath.conf.hbs',
          dest: '/etc/ooni/fastpath.conf',
          owner: 'fastpath',
          group: 'fastpath',
          mode: '0640',
          vars: { ...wanted, s3_bucket: wanted.s3_bucket ?? null },
        },
        { name: 'configuration of the fastpath', tags: 'conf', notify: tell },
      ),
      ...(wanted.install
        ? [
            apt({ name: 'fastpath' }, { name: 'install the fastpath' }),
            systemd({ name: 'fastpath', state: 'started', enabled: true }, { name: 'start the fastpath' }),
          ]
        : []),
    ];
  },
});
