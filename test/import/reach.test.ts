/** `play import ansible` reaches what repositories have besides plain roles: each with its meaning, or as a hole. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useImport } from './imported.ts';

const repository = {
  'ansible/site.yml': `- hosts: all
  handlers:
    - name: told
      debug: msg=one
  roles: [reach]
  tasks:
    - name: banner
      template: { src: banner.j2, dest: /etc/banner, mode: "0644" }
      notify: told
    - name: issue
      copy: { src: issue, dest: /etc/issue, mode: "0644" }
    - include_tasks: "tasks/{{ item }}.yml"
      loop: [one, two]
    - include_vars: vars/more.yml
    - name: from a file
      debug: { msg: "{{ more_name }}" }
- hosts: all
  handlers:
    - name: told
      debug: msg=two
  tasks:
    - debug: { msg: "{{ ansible_site_domain }}" }
      changed_when: true
      notify: told
`,
  'ansible/templates/banner.j2': `{% include 'line.j2' %}
{% filter upper %}of {{ inventory_hostname }}{% endfilter %}
{% macro pair(a, b='x') %}{{ a }}={{ b }}{% endmacro %}
{{ pair(b='2', a='1') }}
`,
  'ansible/templates/line.j2': `-- {{ inventory_hostname }}
`,
  'ansible/files/issue': `issue
`,
  'ansible/tasks/one.yml': `- debug: msg=first
`,
  'ansible/tasks/two.yml': `- debug: msg=second
`,
  'ansible/vars/more.yml': `more_name: more
more_os: "{{ ansible_os_family }}"
`,
  'ansible/group_vars/all.yml': `ansible_site_domain: example.org
`,
  'ansible/roles/reach/defaults/main.yml': `reach_line: deb [arch=amd64] https://deb.example.org/x stable main
reach_handler: web
`,
  'ansible/roles/reach/handlers/main.yml': `- name: restart web
  debug: msg=web
- name: restart db
  debug: msg=db
`,
  'ansible/roles/reach/templates/motd.j2': `Welcome to {{ inventory_hostname }}
`,
  'ansible/roles/reach/tasks/main.yml': `- include_tasks: facts.yml
  when: ansible_os_family == 'Debian'
- name: reads what an include set
  command: "ls {{ reach_dir }}"
  register: listed
  changed_when: false
- include_tasks: plain.yml
- name: reads it at once
  command: "echo {{ reach_plain }}"
  register: echoed
  changed_when: false
- name: in a home
  file: { path: ~deploy/.ssh, state: directory, mode: "0700" }
  become: yes
  become_user: deploy
- name: a computed line
  apt_repository: { repo: "{{ reach_line }}" }
- name: a PPA
  apt_repository: { repo: "ppa:who/what" }
- name: what may be there
  command: /opt/install
  args: { creates: "/opt/{{ reach_handler }}-*/bin" }
- include_tasks: "{{ item }}"
  with_first_found:
    - files: ["os-{{ ansible_distribution }}.yml", os-other.yml]
- block:
    - set_fact: { reach_kind: known }
  when: listed.stdout != ''
- debug: { msg: "{{ reach_kind | default('none') }}" }
- uri: { url: "http://localhost/state" }
  register: state
- debug: { msg: "{{ state.json.name }}" }
- stat: { path: "{{ item }}" }
  loop: "{{ listed.stdout_lines }}"
  register: looked
- debug: { msg: "{{ looked.results | selectattr('stat.exists') | map(attribute='item') | join(' ') }}" }
- name: one of several
  debug: msg=x
  changed_when: true
  notify: "restart {{ reach_handler }}"
- name: without what the resource needs
  sysctl: { value: "1" }
- name: both of them
  command: /bin/false
  register: both
  changed_when: false
  failed_when: [both.rc != 0, "'x' in both.stderr"]
- name: as a text
  copy: { content: "{{ lookup('template', 'motd.j2') }}", dest: /etc/motd, mode: "0644" }
- assert: { that: "{{ reach_handler == 'web' }}" }
- block:
    - debug: msg=tried
  rescue:
    - set_fact: { reach_failed: yes }
`,
  'ansible/roles/reach/tasks/facts.yml': `- set_fact: { reach_dir: /srv/debian }
`,
  'ansible/roles/reach/tasks/plain.yml': `- set_fact: { reach_plain: plain }
- include_tasks: given.yml
  vars: { given_arch: "{{ ansible_architecture }}" }
`,
  'ansible/roles/reach/tasks/given.yml': `- debug: { msg: "on {{ given_arch }}" }
`,
  'ansible/roles/reach/tasks/os-Debian.yml': `- debug: msg=debian
`,
  'ansible/roles/reach/tasks/os-other.yml': `- debug: msg=other
`,
};

const imported = useImport(repository);
const made = imported.flat;
const role = (file = 'main'): string => made(`roles/reach/tasks/${file}.ts`);

test('all but what nobody can ask comes along, and its types fit', () => {
  expect(imported.outcome.stderr).toBe('');
  expect(imported.outcome.stdout).toContain('holes: 1,');
  expect(imported.outcome.stdout).toContain('fact set in a rescue');
  expect(imported.outcome.stdout).toContain('type errors: 0');
});

test('what included files set is known behind them: under a condition of the run, as a function', () => {
  expect(role()).toContain('const reachDirBefore = known.reach_dir;');
  expect(role()).toContain("known.reach_dir = ({ facts, results }: RunContext): any => osFamily(facts) === 'Debian' ?");
  expect(role()).toContain('const includedPlain: TaskItem[] = [...plainTasks(context, known)];');
  expect(role().indexOf('plainTasks(context, known)')).toBeLessThan(role().indexOf('echo ${'));
});

test('what is handed to an included file may be known in the run only', () => {
  expect(role('plain')).toContain('given_arch: ({ facts }: RunContext) => facts.architecture');
  expect(role('given')).toContain('given.given_arch?.({ facts, results })');
});

test('where a home is, the host is asked as the same user', () => {
  expect(role()).toContain("const home = shell({ cmd: 'echo ~deploy', changes: 'never' },");
  expect(role()).toContain("becomeUser: 'deploy' }");
  expect(role()).toContain('path: ({ results }) => `${results(home).stdout}/.ssh`');
});

test('repositories of apt: lines are taken apart where they are known, a PPA is left to Ansible', () => {
  expect(role()).toContain('aptRepository({ ...aptLine(vars.reach_line) }');
  expect(role()).toContain("ansibleModule({ module: 'apt_repository', args: { repo: 'ppa:who/what' } }");
});

test('a path with wildcards is a guard', () => {
  expect(role()).toContain('unless: `set -- /opt/${shellQuote(vars.reach_handler)}-*/bin; test -e "$1"`');
});

test('the first of several files that is there is chosen among those that are', () => {
  expect(role()).toContain(
    "firstThere([`os-${distribution(facts)}.yml`, 'os-other.yml'], ['os-Debian.yml', 'os-other.yml']) === 'os-Debian.yml'",
  );
});

test('facts are set under the conditions of the blocks around them', () => {
  expect(role()).toContain("results(listed).stdout !== '' ? 'known' : reachKindBefore?.(");
});

test('results: JSON of an answer, what each of a list came to, lists of conditions', () => {
  expect(role()).toContain('returnContent: true');
  expect(role()).toContain('jsonOf(results(state))?.name');
  expect(role()).toContain(
    "resultsOfEach(lookedItems({ facts, results }), results(looked).results, { 'stat.pw_name': 'stat.pwName'",
  );
  expect(role()).toContain("result.rc !== 0 && result.stderr.includes('x')");
});

test('a handler by a computed name is one of those that fit', () => {
  expect(role()).toContain(
    "handlerOf(`restart ${vars.reach_handler}`, { 'restart web': restartWeb, 'restart db': restartDb })",
  );
});

test("what does not fit as a resource is Ansible's own module", () => {
  expect(role()).toContain("ansibleModule({ module: 'sysctl', args: { value: '1' } }");
  expect(role()).toContain("// Review: Ansible's own module: its types do not fit:");
});

test('a template as a text, and conditions in braces', () => {
  expect(role()).toContain('content: motdText({ inventory_hostname: host.name })');
  expect(role()).toContain("that: vars.reach_handler === 'web'");
});

test('templates, files, variables and handlers beside playbooks', () => {
  const site = made('playbooks/site.ts');
  const banner = made('playbooks/templates/banner.ts');
  expect(site).toContain('bannerText({ inventory_hostname: host.name })');
  expect(banner).toContain('-- ${names.inventory_hostname}');
  expect(banner).toContain('out += filtered.toUpperCase();');
  expect(banner).toContain("pair('1', '2')");
  expect(readFileSync(join(imported.project.dir, 'made/playbooks/files/issue'), 'utf8')).toBe('issue\n');
  expect(site).toContain('...oneTasks(context, known');
  expect(site).toContain('more_os: ({ facts }: RunContext) => (osFamily(facts))');
  expect(site).toContain("const told2 = handler('told'");
  expect(site).toContain('vars.ansible_site_domain');
});

test('its tasks can be listed: what is read at once is known', async () => {
  imported.project.write({ 'made/inventory/hosts': 'web1 ansible_site_domain=lab\n' });
  const listed = await imported.project.playIn('made', 'playbooks/site.ts', '--list-tasks', '--no-typecheck');
  expect(listed.stderr).toBe('');
  expect(listed.stdout).toContain('reads it at once');
});
