// Ansible, as it is installed, with pipelining, and with Mitogen's strategy.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run } from '../measure.mjs';

const modules = {
  directory: ({ path, mode }) => ({ file: { path, state: 'directory', mode } }),
  file: ({ path, content, mode }) => ({ copy: { dest: path, content, mode } }),
  template: ({ path, n, mode }) => ({ template: { src: 'small.conf.j2', dest: path, mode }, vars: { n } }),
  line: ({ path, line }) => ({ lineinfile: { path, line } }),
  link: ({ path, target }) => ({ file: { path, src: target, state: 'link' } }),
  group: ({ name }) => ({ group: { name } }),
  user: ({ name, group }) => ({ user: { name, group, shell: '/usr/sbin/nologin', create_home: false } }),
  package: ({ name }) => ({ apt: { name, state: 'present' } }),
  service: ({ name }) => ({ systemd: { name, state: 'started', enabled: true } }),
};

const small = '# Written for {{ inventory_hostname }}\nnumber = {{ n }}\nhost = {{ inventory_hostname }}\n';

/** @param env what makes Ansible go this way; undefined where it cannot */
function by(name, env) {
  return {
    name,
    packages: name.endsWith('Mitogen') ? ['ansible-core', 'ansible-mitogen'] : ['ansible-core'],
    command: 'ansible-playbook PLAYBOOK -i INVENTORY',
    /** @returns what runs it once */
    write(tasks, { inventory, folder }) {
      const playbook = join(folder, 'playbook.yml');
      writeFileSync(join(folder, 'small.conf.j2'), small);
      writeFileSync(
        playbook,
        stringify([
          { hosts: 'all', become: true, gather_facts: false, tasks: tasks.map((one) => modules[one.kind](one)) },
        ]),
      );
      return async () =>
        run('ansible-playbook', [playbook, '-i', inventory], { cwd: folder, env: await env(), limit: 300 });
    },
  };
}

/** Where Debian keeps Mitogen's plugins for Ansible: Python knows. */
async function mitogen() {
  const where = 'import ansible_mitogen, os; print(os.path.dirname(ansible_mitogen.__file__))';
  const { stdout } = await run('/usr/bin/python3', ['-c', where]);
  return { ANSIBLE_STRATEGY: 'mitogen_linear', ANSIBLE_STRATEGY_PLUGINS: join(stdout.trim(), 'plugins/strategy') };
}

export const ansiblePipelining = by('ansible-playbook, pipelining', () => ({ ANSIBLE_PIPELINING: 'True' }));
export const ansibleDefault = by('ansible-playbook, default', () => ({}));
export const ansibleMitogen = by('ansible-playbook, Mitogen', mitogen);
