import { apt, copy, defineRole, file, handler, systemd, v } from 'play';

const restart = handler('restart docker', () => systemd({ name: 'docker', state: 'restarted' }));

/** Debian's docker. */
export const docker = defineRole({
  name: 'docker',
  dir: import.meta.dirname,
  vars: {
    docker_settings: v.optional(
      v.pipe(
        v.record(v.string(), v.unknown()),
        v.description(
          "Settings of the daemon, as in its daemon.json. By default its containers' output is in the journal, which has bounds.",
        ),
      ),
      { 'log-driver': 'journald' },
    ),
  },
  handlers: [restart],
  tasks: ({ vars }) => [
    file(
      { path: '/etc/docker', state: 'directory', owner: 'root', group: 'root', mode: '0755' },
      { name: 'folder for settings of docker' },
    ),
    // Before the package, which starts it: so it starts with them.
    copy(
      {
        content: `${JSON.stringify(vars.docker_settings, null, 2)}\n`,
        dest: '/etc/docker/daemon.json',
        owner: 'root',
        group: 'root',
        mode: '0644',
      },
      { name: 'settings of docker', notify: restart },
    ),
    apt(
      { name: ['docker.io', 'iptables'], installRecommends: false, updateCache: true, cacheValidTime: 8 * 3600 },
      { name: 'install docker' },
    ),
    systemd({ name: 'docker', state: 'started', enabled: true }, { name: 'start docker' }),
  ],
});
