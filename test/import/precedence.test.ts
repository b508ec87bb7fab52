/** `play import ansible`: which of several values wins, and what Ansible fills up. */
import { expect, test } from 'vitest';
import { zipLongest } from '../../src/import/support/ansible.ts';
import { useImport } from './imported.ts';

const imported = useImport({
  'ansible/site.yml': `- hosts: all
  vars: { ratio: 2.0, serial: 123456789012345678, which: play, ports: { b: 1, 2: two } }
  roles: [web]
  tasks:
    - set_fact: { which: fact }
    - name: a fact wins
      debug: { msg: "{{ which }} {{ own }}" }
      vars: { which: task, own: task }
    - set_fact: { copied: "{{ which }} {{ own }}" }
      vars: { which: task, own: task }
    - name: what was copied
      debug: { msg: "{{ copied }}" }
    - name: with what is missing
      debug: { msg: "{{ item.0 }} {{ item.1 }}" }
      with_together: [[a, b], [c]]
    - command: date
      register: asked
      when: web_port == 80
    - name: of a task that may be skipped
      debug: { msg: "{{ asked.stdout | default('none') }}" }
    - name: a value of two
      debug: { msg: "<{{ web_name or which }}> {{ ratio / 2 }}" }
- hosts: all
  pre_tasks:
    - block:
        - set_fact: { db_port: 5433, db_user: set, unknown: 1 }
  roles: [{ role: db, vars: { db_user: given } }, late]
`,
  'ansible/roles/web/defaults/main.yml': 'web_port: 80\nweb_share: 1.0\n',
  'ansible/roles/web/vars/main.yml': 'web_name: ""\n',
  'ansible/roles/web/tasks/main.yml': '- debug: { msg: "{{ web_port }} {{ web_share }} {{ web_name }}" }\n',
  'ansible/roles/db/defaults/main.yml': 'db_port: 5432\ndb_user: db\ndb_size: 1\n',
  'ansible/roles/db/tasks/main.yml':
    '- set_fact: { db_size: 2 }\n- debug: { msg: "{{ db_port }} {{ db_user }} {{ db_size }}" }\n',
  'ansible/roles/late/vars/main.yml': 'db_size: 3\n',
  'ansible/roles/late/tasks/main.yml': '- debug: { msg: "{{ db_size }}" }\n',
});
const site = (): string => imported.flat('playbooks/site.ts');

test('all of it is imported, and its types fit', () => {
  expect(imported.outcome.stdout).toContain('holes: 0,');
  expect(imported.outcome.stdout).toContain('type errors: 0');
});

test('facts win over variables of a task', () => {
  expect(site()).toContain('debug({ msg: `${which} task` }');
});

test('facts win over variables of a task that sets others', () => {
  expect(site()).toContain('const copied = `${which} task`');
});

test('with_together goes on to the end of the longest list', () => {
  expect(site()).toContain("...zipLongest(['a', 'b'], ['c']).map(");
  expect(zipLongest(['a', 'b'], ['c'])).toEqual([
    ['a', 'c'],
    ['b', null],
  ]);
});

test('fields of a skipped task may be missing', () => {
  expect(site()).toContain("results(asked).stdout ?? 'none'");
});

test('numbers stay what Python prints, and keys in their order', () => {
  expect(site()).toContain("ports: mapping([['b', 1], ['2', 'two']])");
  expect(site()).toContain('ratio: float(2)');
  expect(site()).toContain('serial: PythonValue.int(123456789012345678n)');
  expect(site()).toContain('text(float(');
  expect(imported.flat('roles/web/vars.ts')).toContain('web_share: v.optional(v.any(), float(1))');
});

test('variables of roles that tasks of the play read are named', () => {
  const report = imported.made('IMPORT.md');
  expect(report).toContain('the play reads web_name, which the role web sets in its vars');
  expect(report).toContain('the play reads web_port, which the role web sets in its defaults');
});

test('facts that are set before a role with a variable of that name are named', () => {
  const report = imported.made('IMPORT.md');
  expect(report).toContain('the play sets db_port, which the role db has in its defaults: in Ansible the role sees');
  expect(report).toContain('the role db sets db_size, which the role late has in its vars');
  // What the role is given it sees; its own fact, too.
  expect(report).not.toMatch(/sets db_user|db sets db_size, which the role db|sets unknown/);
});
