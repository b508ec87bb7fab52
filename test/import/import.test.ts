/** `play import ansible`: what is made type-checks, says what is left open, and overwrites nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useImport } from './imported.ts';

const repository = {
  'ansible/site.yml': `- hosts: web
  become: yes
  roles:
    - { role: web, web_port: 8080, tags: web }
  tasks:
    - include_role: { name: site, tasks_from: one }
      vars: { site_name: "{{ item }}" }
      loop: [a, b]
    - import_role: name=site
      when: ansible_os_family == 'Debian'
- hosts: db
  vars:
    db_home: "/srv/{{ db_name }}"
  vars_files: [vars/db.yml]
  roles:
    - site
    - { role: web, web_home: "{{ db_home }}" }
  tasks:
    - copy: { content: "{{ db_name }}\\n", dest: "{{ db_home }}/name", mode: "0644" }
      notify: nowhere
`,
  'ansible/all.yml': `- import_playbook: site.yml
  tags: [everything]
  when: site_wanted
- hosts: web
  roles: [more]
`,
  'ansible/playbooks/site.yml': `- hosts: all
  tasks: [{ debug: { msg: another } }]
`,
  'ansible/roles/more/defaults/main/main.yml': `more_names: [a, b]
more_path: vars/x.yml
`,
  'ansible/roles/more/files/one.conf': `one
`,
  'ansible/roles/more/files/two.j2': `{% set all = [] %}{% for n in more_names %}{% set _ = all.append(n) %}{% endfor %}{{ all | join('-') }}
`,
  'ansible/roles/more/handlers/main.yml': `- name: more changed
  debug: msg=changed
`,
  'ansible/roles/more/tasks/main.yml': `- block:
    - name: names
      copy:
        content: |
          {% for name in more_names %}
          {{ name }}
          {% endfor %}
        dest: /etc/more
        mode: "0644"
    - name: in the block's block
      block:
        - name: numbers
          copy: { content: "{% for n in more_names %}{{ loop.index }}{{ n.ljust(3) }}{% endfor %}", dest: /etc/numbers, mode: "0644" }
  notify: more changed
- set_fact: { more_all: "{{ more_all | default([]) + [item ~ '!'] }}" }
  loop: "{{ more_names }}"
  when: item != 'a'
- stat: path=/etc/more
  register: more_stat
- set_fact: { more_kind: known }
  when: more_stat.stat.exists
- command: "test -e {{ item }}"
  loop: "{{ more_names }}"
  register: more_each
  failed_when: false
  changed_when: false
- name: which failed
  debug: { msg: "{{ more_each.results | rejectattr('rc', 'equalto', 0) | map(attribute='item') | join(' ') }}" }
- name: the first
  debug: { msg: "{{ more_each.results[0].stdout_lines | length }}" }
- name: of all
  debug: { msg: "{{ more_kind | default('new') }}{{ more_all | join(' ') }}", verbosity: 1 }
  tags: "more-{{ more_names[0] }}"
- name: numbered
  copy: { content: "{{ 10 * n }}\\n", dest: "/etc/{{ item }}", mode: "0644" }
  loop: "{{ more_names }}"
  loop_control: { index_var: n }
- name: files
  copy: { src: "{{ item }}", dest: /etc/, mode: "0644" }
  with_fileglob: "*.conf"
- name: the first of them
  copy: { src: "{{ item }}", dest: /etc/first, mode: "0644" }
  with_first_found: [{ files: [none.conf, one.conf], skip: true }]
- name: of files
  template: { src: ../files/two.j2, dest: /etc/two, mode: "0644" }
- name: local
  user: { name: x, local: yes }
- name: for all
  npm: { name: grunt, global: yes, path: /srv, version: "1.0" }
- name: in a folder
  npm: { path: /srv/app, ci: yes, production: yes }
- name: of a Python that is there
  pip: { name: flask, executable: pip3, extra_args: --user --pre }
- name: of another Python
  pip: { name: flask, virtualenv: /srv/venv, virtualenv_python: python3.11 }
- name: a copy
  git: { repo: "https://example.org/x.git", dest: /srv/x.git, bare: yes, version: main, depth: 1 }
- name: a unit of their own
  systemd: { name: x, state: started, scope: user }
  become_user: x
- name: from an address
  apt: { deb: "https://example.org/x.deb" }
- name: larger
  filesystem: { dev: /dev/vdb, fstype: ext4, resizefs: yes }
- name: a group
  lvg: vg=data pvs=/dev/vdb,/dev/vdc pesize=32
- name: a volume
  community.general.lvol: { vg: data, lv: www, size: 20g, resizefs: yes }
- name: a volume that grows each time
  community.general.lvol: { vg: data, lv: www, size: +5G }
- name: folders
  file: { path: "{{ item.path }}", state: directory, mode: "{{ item.mode }}" }
  loop: [{ path: /srv/a, mode: "0750" }, { path: /srv/b, mode: "0755" }]
  loop_control: { label: "{{ item.path }}" }
- name: judged by what only the module says
  systemd: { name: unattended, state: stopped }
  register: more_stop
  failed_when: more_stop.msg is defined and 'not found' not in more_stop.msg
- name: when and where
  copy: { content: "{{ ansible_date_time.iso8601 }} {{ ansible_eth0.ipv4.address }} {{ ansible_distribution_version }}", dest: /etc/when, mode: "0644" }
- name: kept
  mysql_db: { name: shop, state: dump, target: /srv/shop.sql.gz, single_transaction: yes }
- name: filled
  mysql_db: { name: shop, state: import, target: /srv/shop.sql.gz }
- name: starts
  shell: sleep 5 && reindex
  async: 3600
  poll: 0
  register: more_job
- name: forgets
  apt: name=tree
  async: 600
  poll: 0
- name: how it went
  async_status: jid={{ more_job.ansible_job_id }}
  register: more_state
  until: more_state is finished
  retries: 100
  delay: 10
- name: with an option that is missing
  pip: { name: flask, editable: yes }
  register: more_pip
- name: reads it
  debug: { msg: "{{ more_pip.version }}" }
  when: ansible_selinux.status == 'enabled'
`,
  'ansible/vars/db.yml': `db_name: 'one
two'
`,
  'ansible/roles/site/tasks/main.yml': `- debug: msg=all
`,
  'ansible/roles/site/tasks/one.yml': `- name: page
  copy: { content: "{{ site_name }}\\n", dest: "/srv/{{ site_name }}", mode: "0644" }
  notify: told
- name: each template
  template: { src: "{{ item }}.j2", dest: "/etc/{{ item }}", mode: "0644" }
  loop: [one.d, two]
- name: what nobody knows
  group_by: key=other
  register: unknown
- name: reads it
  debug: msg={{ unknown.stdout }}
  when: unknown is changed
`,
  'ansible/roles/site/handlers/main.yml': `- import_tasks: more.yml
`,
  'ansible/roles/site/handlers/more.yml': `- name: told
  debug: msg=told
`,
  'ansible/roles/site/templates/one.d.j2': `#jinja2: lstrip_blocks: True, trim_blocks: False
  {% for n in [1, 2] %}{{ n }}{% endfor %}
`,
  'ansible/roles/site/templates/two.j2': `two
`,
  'ansible/roles/web/defaults/main.yml': `web_port: 80
web_all: [{ workers: "{{ web_workers | default(2) }}", port: "{{ web_port }}", other: 3 }]
web_user: www
web_home: "/srv/{{ web_user }}"
web_sites: []
`,
  'ansible/roles/web/tasks/main.yml': `- name: packages
  apt: name=tree,less
  when: ansible_os_family == 'Debian'
- name: folders
  file: path={{ item }} state=directory mode=0750
  loop: ["{{ web_home }}/logs", "{{ web_home }}/run"]
- name: settings
  template: { src: web.conf.j2, dest: /etc/web.conf, mode: "0644" }
  notify: reload
- stat: path=/etc/flag
  register: flag
- name: with a flag
  copy: { content: "yes\\n", dest: /etc/seen, mode: 644 }
  when: flag.stat.exists
- name: how old
  command: uname -r
- command: ls /srv
  register: found
  changed_when: false
- name: of each
  file: path=/srv/{{ item }} state=absent
  loop: "{{ found.stdout_lines }}"
  when: item != 'keep' and item is not match('x') and not ansible_check_mode
- name: by name
  template: { src: "{{ web_kind }}.conf.j2", dest: /etc/kind, mode: "0644" }
- name: firewall
  ufw: rule=allow port={{ web_port }}
- name: packages of rpm
  yum: name=httpd,mod_ssl state=latest enablerepo=epel
  when: ansible_pkg_mgr == 'dnf'
- name: repository of rpm
  yum_repository: { name: epel, description: EPEL, baseurl: 'https://example.org/', gpgcheck: yes }
- name: key of rpm
  rpm_key: key=/etc/pki/rpm-gpg/EPEL
- name: port of a policy
  seport: ports={{ web_port }} proto=tcp setype=http_port_t
- name: reads what is not there
  debug: msg={{ flag.stat.mtime }}
- name: of another type
  user: name={{ web_user }} uid={{ web_home.x }}
`,
  'ansible/roles/web/handlers/main.yml': `- name: reload
  systemd: name=web state=reloaded
`,
  'ansible/roles/web/templates/web.conf.j2': `port = {{ web_port }}
{% for site in web_sites %}
site {{ site }}
{% endfor %}
`,
};

const imported = useImport(repository);
const { made } = imported;

test('says how much came along, and that its types fit', () => {
  expect(imported.outcome.stderr).toBe('');
  expect(imported.outcome.code).toBe(0);
  expect(imported.outcome.stdout).toContain('61 of 63 tasks are TypeScript; holes: 2,');
  expect(imported.outcome.stdout).toContain('type errors: 0');
});

test('what reads facts and results is a function, what is known is plain code', () => {
  const tasks = made('roles/web/tasks/main.ts');
  expect(tasks).toContain("when: ({ facts }) => osFamily(facts) === 'Debian'");
  expect(tasks).toContain("const flag = stat({ path: '/etc/flag' });");
  expect(tasks).toContain('when: ({ results }) => results(flag).stat.exists');
  expect(tasks).toContain('...[`${text(vars.web_home)}/logs`, `${text(vars.web_home)}/run`].map((item) =>');
  expect(tasks).toContain('notify: reload');
});

test('packages, repositories and keys of rpm have their resources', () => {
  const tasks = made('roles/web/tasks/main.ts').replaceAll(/\s+/g, ' ');
  expect(tasks).toContain("dnf( { name: ['httpd', 'mod_ssl'], state: 'latest', enablerepo: ['epel'] }");
  expect(tasks).toContain("baseurl: ['https://example.org/'], gpgcheck: true");
  expect(tasks).toContain("rpmKey({ key: '/etc/pki/rpm-gpg/EPEL' }");
});

test('a list that only the run knows is one task; templates by name are functions', () => {
  const tasks = made('roles/web/tasks/main.ts');
  expect(tasks.replaceAll(/\s+/g, ' ')).toContain(
    "each( file, ({ results }) => results(found).stdoutLines.filter((item) => item !== 'keep' && !match(item, 'x'))",
  );
  expect(tasks).toContain("'web.conf.j2': () => webConfText(");
});

test('a play has its computed variables, those of its files, and roles that take them', () => {
  const site = made('playbooks/site.ts');
  expect(site).toContain('get db_home(): any {\n      return `/srv/${text(all.db_name, ');
  expect(site).toContain("vars: { db_name: 'one two' }");
  expect(site).toContain('roles: [site()]');
  expect(site).toContain('web({ web_home: vars.db_home })');
  expect(made('missing-handlers.ts')).toContain("handler('nowhere', () => hole(");
});

test('a hole has its reason and the original beside it', () => {
  expect(made('roles/web/tasks/main.ts')).toContain('was: `name: reads what is not there\n');
  expect(made('IMPORT.md')).toContain('debug: there is no mtime in it here');
});

test('a module without a counterpart is run as it is, and marked', () => {
  const tasks = made('roles/web/tasks/main.ts').replaceAll(/\s+/g, ' ');
  expect(tasks).toContain("ansibleModule( { module: 'seport', args: { ports:");
  expect(tasks).toContain("// Review: Ansible's own module, which needs Ansible here and Python on the host.");
});

test('what a person should look at is marked, and not mended', () => {
  const tasks = made('roles/web/tasks/main.ts');
  expect(tasks).toContain('// Review: 644, without a leading zero, is 1204 to Ansible.');
  expect(tasks).toContain("mode: '1204'");
  expect(tasks).toContain("cmd: 'uname -r', changes: 'always'");
  expect(made('IMPORT.md')).toMatch(
    /## To review\n\n(?:- .*\n)*- roles\/web\/tasks\/main\.yml:\d+ \w+: 644, without a leading zero, is 1204 to Ansible/,
  );
});

test('an editor finds the types: what a project needs for that is written unless it is there', () => {
  expect(made('tsconfig.json')).toContain('"extends": "play/tsconfig.json"');
  expect(made('.gitignore')).toContain('node_modules/');
});

test('a role has its variables with their kinds, a playbook its roles with their arguments', () => {
  expect(made('roles/web/vars.ts')).toContain('web_port: v.optional(v.number(), 80)');
  // A number that went through a template is text, which JSON shows.
  expect(made('roles/web/vars.ts').replaceAll(/\s+/g, ' ')).toContain(
    '{ workers: templated(all.web_workers === undefined ? 2 : all.web_workers), port: String(all.web_port), other: 3 }',
  );
  expect(made('roles/web/vars.ts')).toContain('return context.vars.web_home ?? `/srv/${all.web_user}`;');
  expect(made('playbooks/site.ts')).toContain("roles: [web({ web_port: 8080 }, { tags: 'web' })]");
});

test('an imported playbook has its tags, and a condition that is left out is named', () => {
  expect(made('playbooks/all.ts')).toContain("...withTags(sitePlays.plays, { tags: 'everything' })");
  expect(made('IMPORT.md')).toContain('the when of import_playbook site.yml is left out');
});

test('two playbooks by one name are two', () => {
  expect(made('playbooks/playbooks-site-too.ts')).toContain("msg: 'another'");
  expect(made('playbooks/all.ts')).toContain("from './site.ts'");
});

test('loops in values, facts that grow in a loop, files of a pattern', () => {
  const tasks = made('roles/more/tasks/main.ts');
  expect(tasks).toContain('content: withLineEnds(`${vars.more_names.map((name) => `${name}\n`).join(');
  expect(tasks).toContain('for (const [i, n] of items.entries()) {\n            out += `${i + 1}${n.padEnd(3)}`;');
  expect(tasks).toContain("known.more_all = vars.more_names.reduce((moreAllSoFar: any, item) => item !== 'a' ?");
  expect(tasks).toContain("...jinjaLookup('fileglob', ['*.conf'], import.meta.dirname).map((item: any) =>");
  expect(tasks).toContain('{ skip: true }).map((item: any) =>');
  expect(tasks).toContain('tags: texts(`more-');
  const fields = "{ stdout_lines: 'stdoutLines', stderr_lines: 'stderrLines' }";
  expect(tasks).toContain(`resultsOfLoop(moreEach, results, ${fields}).filter((one: any) => !same(one.rc, 0))`);
  expect(tasks).toContain(`length(resultsOfLoop(moreEach, results, ${fields}).at(0).stdout_lines)`);
  // `n` is no truth value to Ansible.
  expect(tasks).toContain('vars.more_names.map((item, n) =>');
  expect(tasks).toContain("name: labelled('numbered', item)");
  expect(tasks).toContain("name: labelled('folders', item.path)");
  expect(tasks).toContain("results(moreStat).stat.exists ? 'known' : moreKindBefore?.({ facts, results })");
});

test('volumes of LVM, and what the run knows of time and network', () => {
  const tasks = made('roles/more/tasks/main.ts').replaceAll(/\s+/g, ' ');
  expect(tasks).toContain("lvg({ vg: 'data', pvs: ['/dev/vdb', '/dev/vdc'], pesize: '32' }");
  expect(tasks).toContain("lvol({ vg: 'data', lv: 'www', size: '20g', resizefs: true }");
  expect(tasks).toContain("module: 'community.general.lvol', args: { vg: 'data', lv: 'www', size: '+5G' }");
  expect(tasks).toContain("ansibleModule( { module: 'systemd', args: { name: 'unattended', state: 'stopped' } }");
  expect(tasks).toContain('dateTime(facts).iso8601');
  expect(tasks).toContain("interfaceOf(facts, 'eth0')");
  expect(tasks).toContain('facts.distributionPointRelease');
});

test('a template among files is found, and lists that grow in it have a type', () => {
  expect(made('roles/more/templates/files/two.ts')).toContain('const all: any[] = [];');
});

test('what a block notifies, its tasks do', () => {
  expect(made('roles/more/tasks/main.ts').match(/notify: moreChanged/g)).toHaveLength(2);
});

test("where a resource lacks an option it is Ansible's own module, and its result is Ansible's", () => {
  const tasks = made('roles/more/tasks/main.ts');
  expect(tasks).toContain("// Review: Ansible's own module: pip has no option like editable here.");
  expect(tasks).toContain('anyFields(results(morePip)).version');
  expect(tasks).toContain("user({ name: 'x', local: true }");
  expect(tasks).toContain("when: ({ facts }) => selinuxStatus(facts) === 'enabled'");
});

test('what Ansible does in the background, for one account, or from an address has its resource', () => {
  const tasks = made('roles/more/tasks/main.ts').replaceAll(/\s+/g, ' ');
  expect(tasks).toContain("npm({ name: 'grunt', global: true, version: '1.0' }");
  expect(tasks).toContain("npm({ path: '/srv/app', ci: true, production: true }");
  expect(tasks).toContain("pip({ name: ['flask'], executable: 'pip3', extraArgs: ['--user', '--pre'] }");
  expect(tasks).toContain("virtualenvCommand: 'python3.11 -m venv'");
  expect(tasks).toContain("git({ repo: 'https://example.org/x.git', dest: '/srv/x.git', bare: true }");
  expect(tasks).toContain('// Review: a bare repository has the whole history, and no `depth`.');
  expect(tasks).toContain("scope: 'user' }");
  expect(tasks).toContain("apt({ deb: 'https://example.org/x.deb' }");
  expect(tasks).toContain('resizefs: true }');
  expect(tasks).toContain("state: 'dump', target: '/srv/shop.sql.gz', singleTransaction: true }");
  expect(tasks).toContain('// Review: it is imported where the database has no tables yet;');
  expect(tasks).toContain(
    "asyncCommand( { cmd: 'sleep 5 && reindex', shell: true, timeLimit: 3600, changes: 'always' }",
  );
  expect(tasks).toContain('jid: ({ results }) => results(moreJob).id');
  expect(tasks).toContain('until: ({ result }) => result.finished');
  expect(tasks).toContain('// Review: play waits for it to end; Ansible goes on at once.');
});

test('a role among tasks is called there, and what of it is not its main tasks has a function of its own', () => {
  const book = made('playbooks/site.ts');
  expect(book).toContain("...['a', 'b'].flatMap((item) => [siteOne({ site_name: item })])");
  expect(book).toContain("site({}, { when: ({ facts }) => osFamily(facts) === 'Debian' })");
  expect(made('roles/site/index.ts')).toContain('tasks: (context) => oneTasks(context, {})');
});

test('a loop over what is written down is written out where each of its tasks is another', () => {
  const tasks = made('roles/site/tasks/one.ts');
  expect(tasks).toContain("content: oneDText(), dest: '/etc/one.d'");
  expect(tasks).toContain("src: 'two.hbs', dest: '/etc/two'");
});

test("a template's own line of settings is followed, and no text of it", () => {
  const text = made('roles/site/templates/one-d.ts');
  expect(text).not.toContain('#jinja2');
  expect(text).toContain("let out = '';\n  for (");
});

test('what reads a hole is imported', () => {
  const tasks = made('roles/site/tasks/one.ts');
  expect(tasks).toContain('const unknown = hole(');
  expect(tasks).toContain('when: ({ results }) => results(unknown).changed');
  expect(tasks).toContain('anyFields(results(unknown)).stdout');
});

test('the playbook can be listed', async () => {
  imported.project.write({ 'made/inventory/hosts': '[web]\nweb1 web_kind=web\n[db]\n' });
  const listed = await imported.project.playIn('made', 'playbooks/site.ts', '--list-tasks', '--no-typecheck');
  expect(listed.stderr).toBe('');
  expect(listed.stdout).toContain('settings');
  expect(listed.stdout).toContain('site : page');
});

test('nothing is overwritten, and nothing is written into what is read', async () => {
  const again = await imported.project.play('import', 'ansible', 'ansible', '--out', 'made', '--no-typecheck');
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('are not overwritten');
  const inside = await imported.project.play('import', 'ansible', 'ansible', '--out', 'ansible/made', '--no-typecheck');
  expect(inside.code).toBe(1);
  expect(existsSync(join(imported.project.dir, 'ansible/made'))).toBe(false);
});
