import { apt, debug, defineRole, handler, systemd, template, user, v } from 'play';

// Measurements that arrive while it restarts are lost, and it is slow to start: whoever changes it picks the moment.
const tell = handler('fastpath is to be restarted', () =>
  debug({
    msg: 'fastpath reads its configuration when it starts: watch its logs, then  sudo systemctl restart fastpath',
  }),
);

/** The fastpath: scores measurements as they arrive. Without `fastpath` it is not there. */
export const fastpath = defineRole({
  name: 'fastpath',
  dir: import.meta.dirname,
  vars: {
    fastpath: v.optional(
      v.pipe(
        v.strictObject({
          collectors: v.pipe(v.array(v.string()), v.description('Collectors it takes measurements of.')),
          clickhouse_url: v.optional(v.string(), 'clickhouse://localhost/default'),
          s3_bucket: v.optional(v.pipe(v.string(), v.description('Where it reads archives. Absent: it reads none.'))),
          install: v.optional(
            v.pipe(
              v.boolean(),
              v.description('Whether the package is seen to; false where the deployer alone does that.'),
            ),
            true,
          ),
        }),
        v.description('The fastpath. Absent: none.'),
      ),
    ),
  },
  handlers: [tell],
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
            apt({ name: 'fastpath', installRecommends: false }, { name: 'install the fastpath' }),
            systemd({ name: 'fastpath', state: 'started', enabled: true }, { name: 'start the fastpath' }),
          ]
        : []),
    ];
  },
});
