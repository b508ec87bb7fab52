import { apt, copy, defineRole, file, handler, option, systemd, systemFiles, v } from 'play';

const restart = handler('restart docker', () => systemd({ name: 'docker', state: 'restarted' }));

/** Debian's docker. */
export const docker = defineRole(import.meta, {
  description:
    "Debian's docker. Containers come from `container` tasks; the ports they publish bypass the rules of `nftables`.",
  vars: {
    docker_settings: option.record(
      "Settings of the daemon, as in its daemon.json. By default containers' output goes to the journal, which is limited in size.",
      v.unknown(),
      { 'log-driver': 'journald' },
    ),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars }) => [
    file({ path: '/etc/docker', state: 'directory' }),
    // Before the package, which starts it: so it starts with them.
    copy(
      { content: `${JSON.stringify(vars.docker_settings, null, 2)}\n`, dest: '/etc/docker/daemon.json' },
      { notify: restart },
    ),
    apt({ name: ['docker.io', 'iptables'], updateCache: true, cacheValidTime: 8 * 3600 }),
    systemd({ name: 'docker', state: 'started', enabled: true }),
  ],
});
