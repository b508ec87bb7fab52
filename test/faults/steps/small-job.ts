/** A playbook of files, accounts, units and edits that needs no package: what CI can do in half a minute. */
import type { JobSpec } from './jobs.ts';

const playbook = `
import { block, command, copy, definePlaybook, file, group, handler, iniFile, lineinfile, sync, systemd, user } from 'play';
const services = ['faulted', 'faulted-too', 'faulted-last'];
// Started one behind the other, and watched side by side.
const restart = services.map((name) => handler(\`restart \${name}\`, () => systemd({ name, state: 'restarted' })));
const numbers = Array.from({ length: 12 }, (_, n) => n);
export default definePlaybook({
  hosts: 'all', become: true,
  tasks: () => [
    block([
      ...services.flatMap((name) => [
        copy({ dest: \`/etc/systemd/system/\${name}.service\`, content: '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n', mode: '0644' }),
        systemd({ name, state: 'started', enabled: true, daemonReload: true }),
      ]),
      group({ name: 'faulted' }),
      user({ name: 'faulted', group: 'faulted', comment: 'struck', createHome: false, shell: '/usr/sbin/nologin' }),
    ], { tags: 'unit' }),
    block([
      file({ path: '/etc/faulted', state: 'directory', mode: '0750', owner: 'faulted' }),
      ...numbers.map((n) => copy({ dest: \`/etc/faulted/file \${n}\`, content: \`\${n}\\n\`.repeat(2000), mode: '0640', owner: 'admin' }, { notify: restart })),
      sync({ src: 'tree', dest: '/etc/faulted/tree', delete: true }, { notify: restart }),
      block([
        command({ argv: ['sh', '-c', ': >/etc/faulted/mark; sleep 0.2; echo done >/etc/faulted/.slow; mv /etc/faulted/.slow /etc/faulted/slow'], creates: '/etc/faulted/slow' }),
      ], { always: [file({ path: '/etc/faulted/mark', state: 'absent' })] }),
    ], { tags: 'files' }),
    block([
      iniFile({ path: '/etc/faulted/run.ini', section: 'run', option: 'stamp', value: '1', create: true, mode: '0644' }, { notify: restart }),
      ...numbers.flatMap((n) => ['edited', 'again'].map((line) => lineinfile({ path: \`/etc/faulted/list \${n}\`, line, create: true, mode: '0644' }, { notify: restart }))),
      copy({ dest: '/etc/faulted/until', content: 'end\\n' }, { notify: restart }),
    ], { tags: 'edits' }),
  ],
});
`;

export const smallJob: JobSpec = {
  name: 'small',
  playbook: 'small.ts',
  host: 'faulted',
  isWhole: true,
  files: {
    'inventory/hosts': 'faulted\n',
    'playbooks/small.ts': playbook,
    'playbooks/tree/sub/a.txt': 'a\n'.repeat(3000),
    'playbooks/tree/b.txt': 'b\n',
  },
};
