// BundleWrap: a repository with one node and one bundle.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../measure.mjs';

const small = '# Written for ${node.name}\nnumber = ${n}\nhost = ${node.name}\n';
const owned = { owner: 'root', group: 'root' };

/** The bundle's dictionary that a task is an item of, the item's name, and what it says. */
const items = {
  directory: ({ path, mode }) => ['directories', path, { ...owned, mode }],
  file: ({ path, content, mode }) => ['files', path, { ...owned, mode, content, content_type: 'text' }],
  template: ({ path, n, mode }) => [
    'files',
    path,
    { ...owned, mode, source: 'small.conf', content_type: 'mako', context: { n } },
  ],
  line: ({ path, line }) => [
    'actions',
    `line of ${path.slice(1).replaceAll('/', ' ')}`,
    { command: `echo '${line}' >>${path}`, unless: `grep -qxF '${line}' ${path}`, needs: [`file:${path}`] },
  ],
  link: ({ path, target }) => ['symlinks', path, { ...owned, target }],
  group: ({ name }) => ['groups', name, {}],
  user: ({ name, group }) => ['users', name, { gid: group, home: `/home/${name}`, shell: '/usr/sbin/nologin' }],
  package: ({ name }) => ['pkg_apt', name, {}],
  service: ({ name }) => ['svc_systemd', name, { running: true, enabled: true }],
};

export const bundlewrap = {
  name: 'BundleWrap',
  packages: ['bundlewrap'],
  command: 'bw apply HOST, with ControlMaster',
  /** @returns what runs it once. What is asked for twice (a service) is one item. */
  write(tasks, { ssh, folder, host }) {
    const repository = join(folder, 'bundlewrap');
    mkdirSync(join(repository, 'bundles/bench/files'), { recursive: true });
    const all = {};
    for (const task of tasks) {
      const [kind, name, item] = items[task.kind](task);
      (all[kind] ??= {})[name] = item;
    }
    writeFileSync(join(repository, 'items.json'), JSON.stringify(all));
    writeFileSync(join(repository, 'groups.py'), 'groups = {}\n');
    writeFileSync(
      join(repository, 'nodes.py'),
      `nodes = {'${host}': {'hostname': '${host}', 'os': 'debian', 'os_version': (12,), 'bundles': ['bench']}}\n`,
    );
    writeFileSync(join(repository, 'bundles/bench/files/small.conf'), small);
    writeFileSync(
      join(repository, 'bundles/bench/items.py'),
      [
        'from json import load',
        'from os.path import join',
        "with open(join(repo.path, 'items.json')) as file:",
        '    items = load(file)',
        ...Object.keys(all).map((kind) => `${kind} = items['${kind}']`),
        '',
      ].join('\n'),
    );
    // It starts ssh for each command: one connection for all, as Ansible has it by itself.
    const shared = `-o ControlMaster=auto -o ControlPersist=60 -o ControlPath=${dirname(folder)}/bw-%C`;
    return () =>
      run('bw', ['apply', host], { cwd: repository, env: { BW_SSH_ARGS: `-F ${ssh} ${shared}` }, limit: 300 });
  },
};
