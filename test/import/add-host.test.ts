/** `add_host`: hosts that are known before the run join it; others are holes that say why. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject } from '../cli/command-line.ts';

const project = makeProject({
  'ansible/hosts': '[web]\nweb1 ansible_connection=local\n',
  'ansible/group_vars/web.yml': 'colour: blue\n',
  'ansible/site.yml': `- hosts: web
  gather_facts: no
  vars: {fresh: [a1, a2]}
  tasks:
    - add_host: name=new1 groups=fresh,late ansible_connection=local colour={{ colour }}
    - name: several
      add_host: {hostname: "{{ item }}", groups: [fresh], ansible_connection: local}
      loop: "{{ fresh }}"
    - command: hostname
      register: made
    - add_host: {name: "{{ made.stdout }}", groups: fresh}
    - add_host: {name: two, group: fresh}
      when: made.rc == 0
- hosts: fresh
  gather_facts: no
  tasks:
    - debug: {msg: "{{ inventory_hostname }}"}
`,
});

test('is addHost where the host is known, and the play behind it finds it', async () => {
  const imported = await project.play('import', 'ansible', 'ansible', '--out', 'play');
  expect(imported.stdout).toContain('4 of 6 tasks are TypeScript; holes: 2,');
  expect(imported.stdout).toContain('type errors: 0');
  const text = readFileSync(join(project.dir, 'play/playbooks/site.ts'), 'utf8');
  expect(text).toMatch(/addHost\(\s*\{\s*name: 'new1',\s*groups: \['fresh', 'late'\],/);
  expect(text.match(/why: 'the hosts of a run are known before it begins: put it into the inventory'/g)).toHaveLength(
    2,
  );
  const listed = await project.playIn('play', 'site', '-i', '../ansible/hosts', '--list-hosts', '--no-typecheck');
  expect(listed.stdout).toMatch(/\(fresh\)(?:.*\n)+? {4}hosts \(3\):\n {6}new1\n {6}a1\n {6}a2\n/);
});
