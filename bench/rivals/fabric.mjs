// Fabric has no resources: by hand, a guarded command for each task over one connection. What else does one command at
// a time can hardly be faster.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../measure.mjs';

const quote = (value) => `'${value.replaceAll("'", "'\\''")}'`;
const write = ({ path, content, mode }) =>
  `printf %s ${quote(content)} | cmp -s - ${path} || printf %s ${quote(content)} >${path}; chmod ${mode} ${path}`;

const commands = {
  directory: ({ path, mode }) => `install -d -m ${mode} ${path}`,
  file: write,
  template: ({ path, n, mode }, host) =>
    write({ path, mode, content: `# Written for ${host}\nnumber = ${n}\nhost = ${host}\n` }),
  line: ({ path, line }) => `grep -qxF ${quote(line)} ${path} || echo ${quote(line)} >>${path}`,
  link: ({ path, target }) => `[ "$(readlink ${path})" = ${target} ] || ln -sfn ${target} ${path}`,
  group: ({ name }) => `getent group ${name} >/dev/null || groupadd ${name}`,
  user: ({ name, group }) => `getent passwd ${name} >/dev/null || useradd -M -g ${group} -s /usr/sbin/nologin ${name}`,
  package: ({ name }) => `dpkg-query -s ${name} >/dev/null 2>&1 || apt-get install -y ${name}`,
  service: ({ name }) =>
    `systemctl is-active -q ${name} || systemctl start ${name}; systemctl is-enabled -q ${name} || systemctl enable ${name}`,
};

const script = `import json, sys
from fabric import Connection
with open(sys.argv[1]) as file:
    work = json.load(file)
with Connection(work['address'], user=work['user'], port=work['port'], connect_kwargs={'key_filename': work['key']}) as host:
    for command in work['commands']:
        host.sudo(command, hide=True)
`;

export const fabric = {
  name: 'Fabric, by hand',
  packages: ['python3-fabric'],
  command: 'python3 SCRIPT, with Connection.sudo() for each task',
  /** @returns what runs it once */
  write(tasks, { folder, host, targets: [{ address, port, user, key }] }) {
    const [program, work] = ['by-hand.py', 'work.json'].map((name) => join(folder, 'by-hand', name));
    mkdirSync(join(folder, 'by-hand'), { recursive: true });
    writeFileSync(program, script);
    const each = tasks.map((one) => `sh -c ${quote(commands[one.kind](one, host))}`);
    writeFileSync(work, JSON.stringify({ address, port, user, key, commands: each }));
    return () => run('/usr/bin/python3', [program, work], { cwd: folder, limit: 300 });
  },
};
