/** Plans on a real host: made, shown, compared, applied, and carried out by hand as a script. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Plan } from '../../src/plans/index.ts';
import { makeProject, type Outcome } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('plans1');
const password = 'marker-1f0c77';

const playbook = `
import { copy, command, definePlaybook, file, handler, lineinfile, secret, secretFromFile, shell, template } from 'play';
const saidIt = handler('say it', () => command({ argv: ['touch', '/run/said'], changes: 'always' }));
export default definePlaybook([
  {
    name: 'files', hosts: 'web', become: true,
    tasks: ({ vars }) => [
      file({ path: '/etc/app dir', state: 'directory', mode: '0750' }),
      template({ src: 'motd.hbs', dest: '/etc/motd', vars: { greeting: vars.greeting } }, { notify: saidIt }),
      copy({ content: 'one\\ntwo', dest: "/etc/app dir/it's -odd", mode: '0644' }),
      copy({ content: Buffer.from([0, 1, 255, 10]).toString('latin1'), dest: '/etc/app dir/binary' }),
      copy({ content: 'END\\nEND_\\n', dest: '/etc/app dir/end' }),
      copy({ content: secret\`password = \${secretFromFile(import.meta.dirname + '/password')}\\n\`, dest: '/etc/app dir/secret.conf', mode: '0600' }, { tags: 'secrets' }),
    ],
  },
  {
    name: 'more', hosts: 'web', become: true,
    tasks: () => [
      lineinfile({ path: '/etc/hosts', line: '10.1.2.3 other' }),
      shell({ cmd: 'echo "$WORD" >"/etc/app dir/word"', creates: '/etc/app dir/word' }, { environment: { WORD: 'of the environment' } }),
      copy({ content: 'of nobody\\n', dest: '/var/tmp/of-nobody' }, { becomeUser: 'nobody' }),
    ],
  },
]);
`;

const project = makeProject({
  'playbooks/site.ts': playbook,
  'playbooks/templates/motd.hbs': 'say {{greeting}}\n',
  'playbooks/password': `${password}\n`,
  'group_vars/web.yml': 'greeting: hello\n',
});

beforeAll(() => {
  project.write({ 'inventory/hosts': `[web]\n${hosts.inventoryLine('plans1')}` });
});

function play(...args: readonly string[]): Promise<Outcome> {
  return project.play(...args, ...(args[0] === 'show' ? [] : ['--no-typecheck']));
}

function planned(): Plan {
  return JSON.parse(readFileSync(join(project.dir, 'plan.json'), 'utf8')) as Plan;
}

test('a plan says what would change, has no secret in it, and is the same again but for its time', async () => {
  const { code, stdout, stderr } = await play('site', '-C', '-D', '--out', 'plan.json');
  expect(stderr).toBe('the plan is written to plan.json\n');
  expect(code).toBe(0);
  const text = readFileSync(join(project.dir, 'plan.json'), 'utf8');
  expect(text).not.toContain(password);
  expect(statSync(join(project.dir, 'plan.json')).mode & 0o777).toBe(0o600);
  expect(planned().hosts['plans1']?.counts.changed).toBe(10);
  expect((await play('show', 'plan.json')).stdout.split('\n').slice(1).join('\n')).toBe(stdout);
  await play('site', '-C', '--out', 'plan.json');
  const withoutTime = (plan: string): string => plan.replace(/"made": "[^"]*"/, '');
  expect(withoutTime(readFileSync(join(project.dir, 'plan.json'), 'utf8'))).toBe(withoutTime(text));
  const events = (await play('show', 'plan.json', '--output', 'jsonl')).stdout.trim().split('\n');
  expect(events.map((line) => JSON.parse(line) as object)).toContainEqual(
    expect.objectContaining({ event: 'task', task: 'lineinfile /etc/hosts', status: 'changed' }),
  );
});

test('the script, run at the console, is the plan: nothing is left, by dash and by busybox', async () => {
  expect((await play('site', '-C', '--script', 'fix.sh')).stderr).toContain(
    'it would contain secrets, of "copy /etc/app dir/secret.conf"',
  );
  expect((await play('site', '-C', '--script', 'fix.sh', '--with-secrets')).stderr).toBe(
    'the script is written to fix.sh\n',
  );
  expect(statSync(join(project.dir, 'fix.sh')).mode & 0o777).toBe(0o600);
  const script = readFileSync(join(project.dir, 'fix.sh'), 'utf8');
  await hosts.exec('plans1', ['sh', '-c', 'apt-get update -q && apt-get install -qy busybox']);
  for (const shell of [['sh'], ['busybox', 'sh']]) {
    await hosts.exec('plans1', [
      'rm',
      '-rf',
      '/etc/app dir',
      '/run/said',
      '/var/tmp/of-nobody',
      '/etc/motd',
      '/root/fix.sh',
    ]);
    const ran = await hosts.exec(
      'plans1',
      [...shell, '-c', 'cat >/root/fix.sh && exec "$@" /root/fix.sh', 'x', ...shell],
      script,
    );
    expect(ran.stderr + ran.stdout.slice(-9)).toBe('all done\n');
    expect((await hosts.exec('plans1', ['stat', '-c', '%U', '/run/said', '/var/tmp/of-nobody'])).stdout).toBe(
      'root\nnobody\n',
    );
  }
  expect((await hosts.exec('plans1', ['cat', '/etc/app dir/word'])).stdout).toBe('of the environment\n');
  expect((await play('site', '-C')).stdout).toContain('changed=0');
  await hosts.reset('plans1');
});

test('what moved is named, and nothing is changed: code, template, variable, secret, host', async () => {
  const moved = {
    'playbooks/site.ts': playbook.replace('of nobody\\n', 'of anybody\\n'),
    'playbooks/templates/motd.hbs': 'shout {{greeting}}\n',
    'group_vars/web.yml': 'greeting: bye\n',
    'playbooks/password': 'another-3d\n',
  };
  await play('site', '-C', '--out', 'plan.json');
  const before = Object.keys(moved).map((name) => [name, readFileSync(join(project.dir, name), 'utf8')] as const);
  project.write(moved);
  await hosts.exec('plans1', ['sh', '-c', 'echo by hand >>/etc/hosts']);
  const { code, stdout, stderr } = await play('apply', 'plan.json');
  project.write(Object.fromEntries(before));
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr.replace(/ {2}\(playbooks\/site.ts:\d+:\d+\)/g, '')).toBe(`comparing with the plan
error: plan.json is not what would be done now: nothing was changed
  plans1  template /etc/motd
      variable or code or template: option vars is {"greeting":"bye"}; the plan has {"greeting":"hello"}
      variable or code or template: content of /etc/motd would be a different one
  plans1  copy /etc/app dir/secret.conf
      secret: a secret it uses is a different one
      secret: a secret in /etc/app dir/secret.conf is a different one
  plans1  lineinfile /etc/hosts
      host: content of /etc/hosts is not as it was; the plan saw another content
  plans1  copy /var/tmp/of-nobody
      variable or code or template: content of /var/tmp/of-nobody would be a different one
  of the project other than when the plan was made:
      variable greeting
      variables group_vars/web.yml
      code playbooks/site.ts
      template playbooks/templates/motd.hbs
  Make a new plan and have it reviewed: play playbooks/site.ts -C --out plan.json
`);
  expect((await hosts.exec('plans1', ['cat', '/etc/motd'])).stdout).not.toContain('shout');
  await hosts.reset('plans1');
});

test('a plan is applied; applied once more it is refused, as nothing of it is left', async () => {
  await play('site', '-C', '--out', 'plan.json');
  const { code, stdout } = await play('apply', 'plan.json');
  expect(stdout).toContain('changed=10');
  expect(code).toBe(0);
  expect((await play('site')).stdout).toContain('changed=0');
  const again = await play('apply', 'plan.json');
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('host: nothing is left to do');
  await hosts.reset('plans1');
});

test('a change that is not what the plan says at its turn stops there, whatever the task says of failures', async () => {
  project.write({
    'playbooks/turn.ts': `
      import { command, copy, definePlaybook, lineinfile } from 'play';
      export default definePlaybook({
        name: 'turn', hosts: 'web', become: true,
        tasks: () => [
          copy({ content: 'first\\n', dest: '/etc/first' }),
          command({ argv: ['sh', '-c', 'echo other >>/etc/motd; touch /etc/now'], creates: '/etc/now' }),
          lineinfile({ path: '/etc/motd', line: 'a line' }, { ignoreErrors: true }),
          copy({ content: 'last\\n', dest: '/etc/last' }),
        ],
      });`,
  });
  await play('turn', '-C', '--out', 'turn.json');
  const { code, stdout } = await play('apply', 'turn.json');
  expect(code).toBe(2);
  expect(stdout).toContain('It is not what the plan says: content of /etc/motd is not as it was');
  expect(stdout).toContain(
    'Done: "copy /etc/first", "command sh -c echo other >>/etc/motd; touch /etc/now". Not done: "lineinfile /etc/motd", "copy /etc/last"',
  );
  expect((await hosts.exec('plans1', ['ls', '/etc/first', '/etc/last'])).stdout).toBe('/etc/first\n');
});

test('a forged plan is only compared with', async () => {
  await play('site', '-C', '--out', 'plan.json');
  const plan = planned();
  const forge = async (change: Partial<Plan>): Promise<string> => {
    writeFileSync(join(project.dir, 'forged.json'), JSON.stringify({ ...plan, ...change }));
    const { code, stderr } = await play('apply', 'forged.json', '-C');
    expect(code).toBe(1);
    return stderr;
  };
  const [name = ''] = Object.keys(plan.hosts);
  const evil = { ...plan.hosts, ['\u001b[2J\nok  web1']: plan.hosts[name] ?? never() };
  const shown = await forge({ hosts: evil });
  expect(shown).toContain('\\x1b[2J\\nok  web1');
  expect(shown).not.toContain('\u001b[2J');
});

function never(): never {
  throw new Error('the plan has no host');
}
