import { apt, copy, definePlaybook, file, group, lineinfile, systemd, template, user, type Task } from 'play';

/** A hundred tasks of ten kinds; bench/mixed.yml is the same for Ansible. */
export default definePlaybook({
  hosts: 'all',
  become: true,
  tasks: () => {
    const times = (count: number, make: (n: number) => Task): Task[] =>
      Array.from({ length: count }, (_, i) => make(i + 1));
    return [
      file({ path: '/srv/bench', state: 'directory', mode: '0755' }),
      ...times(9, (n) => file({ path: `/srv/bench/dir${n}`, state: 'directory', mode: '0750' })),
      ...times(30, (n) => copy({ dest: `/srv/bench/copy${n}`, content: `This is file ${n}.\n`, mode: '0644' })),
      ...times(20, (n) =>
        template({ src: 'small.conf.hbs', dest: `/srv/bench/template${n}`, vars: { n }, mode: '0640' }),
      ),
      ...times(15, (n) => lineinfile({ path: `/srv/bench/copy${n}`, line: `This is file ${n}.` })),
      ...times(5, (n) => file({ path: `/srv/bench/link${n}`, src: `/srv/bench/copy${n}`, state: 'link' })),
      ...times(5, (n) => group({ name: `bench${n}` })),
      ...times(5, (n) =>
        user({ name: `bench${n}`, group: `bench${n}`, shell: '/usr/sbin/nologin', createHome: false }),
      ),
      ...times(5, (n) => apt({ name: ['bash', 'coreutils', 'dpkg', 'sed', 'tar'][n - 1] ?? 'bash', state: 'present' })),
      ...times(5, () => systemd({ name: 'ssh', state: 'started', enabled: true })),
    ];
  },
});
