import type { PlaySpec, Task } from '../../src/playbook/index.ts';
import { handler } from '../../src/playbook/index.ts';
import { blockinfile, command, copy, file, group, lineinfile, systemd, user } from '../../src/resources/index.ts';

/** A hundred tasks of many kinds, with a handler: what a grown role is like. */
export function hundredTasks(): Pick<PlaySpec, 'tasks'> {
  const reload = handler('reload cron', () => systemd({ name: 'systemd-journald', state: 'restarted' }));
  const times = (count: number, make: (n: number) => Task): Task[] =>
    Array.from({ length: count }, (_, i) => make(i + 1));
  return {
    tasks: () => [
      file({ path: '/srv/mixed', state: 'directory', mode: '0755' }),
      ...times(9, (n) => file({ path: `/srv/mixed/dir ${n}`, state: 'directory', mode: '0750' })),
      ...times(40, (n) =>
        copy(
          {
            dest: `/srv/mixed/dir ${(n % 9) + 1}/file ${n}`,
            content: `This is file ${n}.\n`,
            mode: n % 2 ? '0644' : '0600',
          },
          n === 1 ? { notify: reload } : {},
        ),
      ),
      ...times(15, (n) => lineinfile({ path: `/srv/mixed/dir ${(n % 9) + 1}/file ${n}`, line: `This is file ${n}.` })),
      ...times(5, (n) =>
        blockinfile({
          path: `/srv/mixed/dir ${(n % 9) + 1}/block`,
          block: `block ${n}`,
          marker: `# {mark} ${n}`,
          create: true,
          mode: '0644',
        }),
      ),
      ...times(10, (n) => file({ path: `/srv/mixed/link${n}`, src: `/srv/mixed/dir 1`, state: 'link' })),
      ...times(5, (n) => group({ name: `mixed${n}` })),
      ...times(5, (n) =>
        user({ name: `mixed${n}`, group: `mixed${n}`, shell: '/usr/sbin/nologin', createHome: false }),
      ),
      ...times(5, (n) => command({ argv: ['touch', `/srv/mixed/created${n}`], creates: `/srv/mixed/created${n}` })),
      ...times(5, (n) =>
        command({ argv: ['touch', `/srv/mixed/guarded${n}`], unless: `test -e /srv/mixed/guarded${n}` }),
      ),
    ],
  };
}
