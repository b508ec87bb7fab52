/** `play import ansible`: keywords of the run, `ansible_env`, variables by computed names, keys and images. */
import { expect, test } from 'vitest';
import { outcomeOf, variableByName, variableNames } from '../../src/import/support/ansible.ts';
import { useImport } from './imported.ts';

const repository = {
  'ansible/site.yml': `- hosts: all
  roles: [late]
`,
  'ansible/roles/late/defaults/main.yml': `late_name: web
late_old: ""
late_home: "{{ ansible_env.HOME }}/late"
`,
  'ansible/roles/late/tasks/main.yml': `- command: cat /etc/late
  register: read
  changed_when: false
- name: with an environment of the run
  command: /bin/true
  environment: { LATE: "{{ read.stdout }}", LANG: C }
- name: may fail
  command: /bin/late
  ignore_errors: "{{ read.rc == 2 }}"
- name: home of whoever runs it
  file: { path: "{{ ansible_env.HOME }}/.late", state: directory, mode: "0700" }
- file: { path: "{{ late_home }}", state: directory, mode: "0755" }
- name: an unknown part of the environment
  debug: { msg: "{{ ansible_env.http_proxy }}" }
- name: some are hidden
  copy: { content: "{{ item }}", dest: "/etc/late/{{ item }}", mode: "0600" }
  loop: "{{ read.stdout_lines }}"
  no_log: "{{ item == 'key' }}"
- stat: { path: "/srv/{{ item }}" }
  loop: [a, b]
  register: looked
- name: asked of its items
  debug: { msg: "{{ item.1 is changed }} {{ item.1 is failed }}" }
  with_together: [[a, b], "{{ looked.results }}"]
- fail: { msg: "{{ item }} is not set" }
  when: lookup('vars', 'late_' ~ item, default='') == ''
  loop: [name, old]
- fail: { msg: renamed }
  when: lookup('ansible.builtin.varnames', '^late_gone', wantlist=True) | length > 0
- set_fact: { late_pairs: "{{ dict([['a', 1]], b=2) }}" }
- debug: { msg: "{{ late_pairs.a }}" }
- name: on this machine
  command: date
  connection: local
- name: on this machine, by its address
  command: date
  delegate_to: 127.0.0.1
  connection: local
- name: a key in the playbook
  apt_key:
    id: 0x1234ABCD
    data: |
      -----BEGIN PGP PUBLIC KEY BLOCK-----
- name: a key at an address
  apt_key: { url: https://deb.example.org/key }
- community.docker.docker_image_pull: { name: "redis:7", pull: always }
- community.docker.docker_image_pull: { name: "redis:6", pull: not_present }
- community.docker.docker_image_build:
    name: late:1
    path: /srv/late
    rebuild: "{{ 'always' if read.changed else 'never' }}"
    args: { VERSION: 2 }
- add_host: { name: "{{ item }}" }
  loop: "{{ read.stdout_lines }}"
`,
};

const imported = useImport(repository);
const made = imported.flat;
const role = (): string => made('roles/late/tasks/main.ts');

test('what has no counterpart is a hole that says so, and the types of the rest fit', () => {
  expect(imported.outcome.stderr).toBe('');
  expect(imported.outcome.stdout).toContain('holes: 2,');
  expect(imported.outcome.stdout).toContain('type errors: 0');
  expect(role()).toContain("why: 'there is no http_proxy in it here'");
  expect(role()).toContain('the hosts of a run are known before it begins: put it into the inventory');
});

test('an environment and ignored errors may be functions of the run', () => {
  expect(role()).toContain("environment: ({ results }) => ({ LATE: results(read).stdout, LANG: 'C' })");
  expect(role()).toContain('ignoreErrors: ({ results }) => results(read).rc === 2');
});

test('ansible_env is that of the account the task runs as, which is to be reviewed', () => {
  expect(role()).toContain(
    '// Review: `facts.environment` is what commands find here: a fixed PATH, and the account the task runs as.',
  );
  expect(role()).toContain('path: ({ facts }) => `${facts.environment.HOME}/.late`');
  expect(made('roles/late/vars.ts')).toContain('`${facts.environment.HOME}/late`');
});

test('output that is hidden for one item of the run is hidden for all', () => {
  expect(role()).toContain('noLog: true');
  expect(role()).toContain('// Review: `no_log` hides the output of some items in Ansible');
});

test('items of results can be asked whether they changed', () => {
  expect(role()).toContain("zipLongest(['a', 'b'], resultsOfLoop(looked, results, {");
  expect(role()).toContain("outcomeOf(item[1], 'changed')");
  expect(outcomeOf({ changed: true }, 'changed')).toBe(true);
  expect(outcomeOf({ results: [{ changed: false }, { changed: true }] }, 'changed')).toBe(true);
  expect(outcomeOf({ results: [{ failed: true }] }, 'failed')).toBe(false);
  expect(outcomeOf({}, 'skipped')).toBe(false);
  expect(() => outcomeOf('x', 'changed')).toThrow('"is changed" is used on x, which is not a result');
});

test('variables by computed names are those of the role and the inventory', () => {
  expect(role()).toContain("variableByName(vars, hostvars[host.name], `late_${item}`, '') === ''");
  expect(role()).toContain("variableNames(vars, hostvars[host.name], ['^late_gone']).length > 0");
  expect(variableByName({ a: 1 }, { a: 2, b: 3 }, 'a')).toBe(1);
  expect(variableByName({ a: undefined }, { a: 2 }, 'a')).toBe(2);
  expect(variableByName({}, undefined, 'a', '')).toBe('');
  expect(() => variableByName({}, {}, 'a')).toThrow('"a" is not set');
  expect(() => variableByName({ a: () => 1 }, {}, 'a')).toThrow('"a" depends on facts');
  expect(variableNames({ web_a: 1, web_b: undefined }, { web_c: '' }, ['^web_'])).toEqual(['web_c', 'web_a']);
});

test('the other ways to this machine', () => {
  expect(role().match(/delegateTo: 'localhost'/g)).toHaveLength(2);
});

test('a mapping of pairs and names', () => {
  expect(role()).toContain("dictOf([['a', 1]], { b: 2 })");
});

test('a key in the playbook is a file, one from elsewhere is left to Ansible', () => {
  expect(role()).toContain("dest: '/etc/apt/trusted.gpg.d/1234ABCD.asc'");
  expect(role()).toContain("ansibleModule({ module: 'apt_key', args: { url: 'https://deb.example.org/key' } }");
  expect(role()).toContain("// Review: Ansible's own module: download the key into files/");
});

test('images that are pulled or built', () => {
  expect(role()).toContain("containerImage({ name: 'redis:7', forceSource: true })");
  expect(role()).toContain("containerImage({ name: 'redis:6' })");
  expect(role()).toContain("build: { path: '/srv/late', args: { VERSION: '2' } }");
  expect(role()).toContain('forceSource: ({ results }) => (');
});
