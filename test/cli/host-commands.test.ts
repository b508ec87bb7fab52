import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { useHosts, type LoginUser } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeProject, playRoot, run, type Outcome } from './command-line.ts';

const hosts = useHosts('cmd1', 'cmd2');
const state = temporaryFolder('state');

const slow = `
import { definePlaybook, shell } from 'play';
export default definePlaybook({ hosts: 'all', become: true, tasks: () => [shell({ cmd: 'echo the first line; until [ -e /tmp/go ]; do sleep 0.1; done; echo done >/tmp/came; true', changes: 'always' })] });
`;
// Root first, who gets the lock; then somebody else.
const other = slow
  .replace('[shell(', "[shell({ cmd: 'true', changes: 'always' }), shell(")
  .replace("'always' })] })", "'always' }, { becomeUser: 'nosudo' })] })");
// Neighbours, which travel together.
const behind = slow.replace('[shell(', "[shell({ cmd: 'true', changes: 'always' }), shell(");
const project = makeProject({
  'playbooks/behind.ts': behind,
  'playbooks/other.ts': other,
  'playbooks/slow.ts': slow,
  'playbooks/reads.ts': slow.replace(/cmd: '.*?'/, "cmd: 'true'"),
});

function line(name: string, user: LoginUser = 'admin'): string {
  const { address, privateKeyFile, knownHostsFiles = [], hostKeyAlias } = hosts.target(name, user);
  return `${name} ansible_host=${address} ansible_user=${user} ansible_ssh_private_key_file=${privateKeyFile} ansible_ssh_common_args='-o UserKnownHostsFile=${knownHostsFiles[0]} -o HostKeyAlias=${hostKeyAlias}'\n`;
}

beforeAll(() => {
  const lost = `db3 ansible_host=127.0.0.1 ansible_port=1\n`;
  project.write({
    'inventory/hosts': line('cmd1') + line('cmd2'),
    'some': line('cmd1') + lost,
    'nosudo': line('cmd1', 'nosudo'),
    'operator': line('cmd1', 'operator'),
  });
});

const env = { ...process.env, XDG_STATE_HOME: state };
const play = (...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), args, { cwd: project.dir, env });

interface Background {
  readonly pid: number;
  readonly outcome: Promise<Outcome>;
  kill(signal: NodeJS.Signals): void;
  said(text: string | RegExp): Promise<void>;
}

/** What a test that fails leaves running would keep the host from all tests behind it. */
const begun = new Set<ChildProcess>();
afterEach(() => {
  for (const child of begun) child.kill('SIGKILL');
  begun.clear();
});

function inBackground(...args: readonly string[]): Background {
  const child = spawn(join(playRoot, 'play'), args, {
    cwd: project.dir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  begun.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const outcome = new Promise<Outcome>((done) => child.once('close', (code) => done({ code, stdout, stderr })));
  return {
    pid: child.pid ?? 0,
    outcome,
    kill: (signal) => void child.kill(signal),
    said: (text) =>
      until(() => (typeof text === 'string' ? (stdout + stderr).includes(text) : text.test(stdout + stderr))),
  };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((next) => setTimeout(next, 50));
}

const on = async (host: string, script: string): Promise<string> =>
  (await hosts.exec(host, ['sh', '-c', script])).stdout.trim();
const isWorking = (): Promise<boolean> =>
  on('cmd1', 'cat /run/play.*/o[0-9]* 2>/dev/null').then((text) => text.includes('the first line'));
/** Whatever a test before left behind is over: the host is nobody's. */
const freshly = async (): Promise<void> => {
  await hosts.exec('cmd1', ['touch', '/tmp/go']);
  await until(async () => !(await isWorking()));
  await hosts.exec('cmd1', ['rm', '-f', '/tmp/go', '/tmp/came']);
};

test('ping says how each host lets us in, and whether sudo works', async () => {
  const { code, stdout } = await play('ping', '-i', 'some');
  expect(stdout.split('\n').sort().slice(1)).toEqual([
    expect.stringMatching(/^cmd1 ok \d+ ms ssh2 sudo:yes debian 12$/),
    expect.stringMatching(/^db3 {2}UNREACHABLE refused the connection/),
  ]);
  expect(code).toBe(4);
  expect((await play('ping', '-i', 'operator')).stdout).toMatch(/ sudo:password /);
  expect((await play('ping', '-i', 'operator', '-b')).code).toBe(2);
  writeFileSync(join(project.dir, 'password'), `${hosts.password()}\n`);
  expect((await play('ping', '-i', 'operator', '--become-password-file', 'password')).stdout).toMatch(/ sudo:yes /);
});

test('a changed host key is named with its line', async () => {
  const wrong = line('cmd1').replace('HostKeyAlias=cmd1', 'HostKeyAlias=other');
  const known = hosts.target('cmd1').knownHostsFiles?.[0] ?? '';
  const key =
    readFileSync(known, 'utf8')
      .split('\n')
      .find((one) => one.startsWith('cmd2,'))
      ?.replace(/^\S+/, 'other') ?? '';
  writeFileSync(join(project.dir, 'known_hosts'), `${key}\n`);
  project.write({ changed: wrong.replace(known, join(project.dir, 'known_hosts')) });
  expect((await play('ping', '-i', 'changed')).stdout).toMatch(
    /^cmd1 UNREACHABLE host key changed \(known_hosts:1\)$/m,
  );
});

test('run prints what hosts say as it comes, by host, and sums up', async () => {
  const { code, stdout, stderr } = await play(
    'run',
    'id -un; pwd; echo oops >&2; [ "$(hostname)" = cmd1 ] || exit 3',
    '-l',
    'all',
  );
  expect(stdout.trimEnd().split('\n').sort()).toEqual([
    'cmd1 | /home/admin',
    'cmd1 | admin',
    'cmd2 | /home/admin',
    'cmd2 | admin',
  ]);
  expect(stderr).toContain('cmd1 | oops');
  expect(stderr).toMatch(/^cmd2 \| exit code 3$/m);
  expect(stderr).toMatch(/^1 ok, 1 failed \(cmd2: 3\) {2}\d+\.\d s$/m);
  expect(code).toBe(2);
  expect((await play('run', 'id -un; echo two', '-b', '-l', 'cmd1', '--one-line')).stdout).toBe(
    'cmd1 | 0 | root\\ntwo\n',
  );
  expect((await play('run', 'true')).stderr).toMatch(/On which hosts\?/);
});

test('Ctrl-C ends the command on the hosts too', async () => {
  const job = inBackground('run', 'echo begun; exec sleep 4321', '-l', 'cmd1');
  await job.said('begun');
  job.kill('SIGINT');
  expect((await job.outcome).code).toBe(99);
  await until(async () => !(await on('cmd1', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "')).includes('sleep 4321'));
});

test("a shell is one's own, also where play.config.ts says become", async () => {
  project.write({
    'play.config.ts': "import { defineConfig } from 'play';\nexport default defineConfig({ become: true });\n",
  });
  try {
    expect((await play('ssh', 'cmd1', '--', 'id', '-un')).stdout).toBe('admin\n');
    expect((await play('ssh', 'cmd1', '-b', '--', 'id', '-un')).stdout).toBe('root\n');
  } finally {
    rmSync(join(project.dir, 'play.config.ts'));
  }
});

test('ssh hands over to OpenSSH: command, exit code, root', async () => {
  expect(await play('ssh', 'cmd1', '--', 'id -un; exit 7')).toMatchObject({ code: 7, stdout: 'admin\n' });
  expect((await play('ssh', '-b', 'cmd1', '--', "id -un; echo 'a  b'")).stdout).toBe('root\na  b\n');
  expect((await play('ssh', 'all', '--', 'true')).stderr).toMatch(/"all" means 2 hosts/);
});

test('facts: all, or the bare value of one', async () => {
  expect((await play('facts', 'cmd1', 'hostname')).stdout).toBe('cmd1\n');
  expect((await play('facts', 'cmd1')).stdout).toMatch(/^distribution +debian\n/);
  expect((await play('facts', 'cmd1', 'distributon')).stderr).toMatch(/Unknown fact "distributon"\n.*distribution/);
});

test('doctor finds what is wrong, and says how to fix it', async () => {
  expect((await play('doctor', 'cmd1')).stdout).toMatch(/^ok {7}sudo {10}admin may become root$/m);
  await hosts.exec('cmd1', [
    'sh',
    '-c',
    'printf "MaxSessions 1\\n" >/etc/ssh/sshd_config.d/few.conf; systemd-run --unit sick false; touch /var/run/reboot-required',
  ]);
  await until(async () => (await on('cmd1', 'systemctl is-failed sick')) === 'failed');
  const { stdout, code } = await play('doctor', 'cmd1');
  expect(stdout).not.toMatch(/^BAD/m);
  expect(stdout).toMatch(/^warning {2}systemd {7}failed: sick\.service\n +systemctl status sick/m);
  expect(stdout).toMatch(/^warning {2}sshd {10}only 1 session a connection.*\n +MaxSessions 10/m);
  expect(stdout).toMatch(/^warning {2}reboot/m);
  expect(code).toBe(0);
  expect((await play('doctor', 'cmd1', '-i', 'nosudo')).stdout).toMatch(
    /^warning {2}sudo .*wants a password for nosudo.*\n +Give it with -K/m,
  );
  await hosts.exec('cmd1', ['rm', '/etc/ssh/sshd_config.d/few.conf']);
});

test('resource runs one task by the same engine', async () => {
  const motd = ['resource', 'copy', 'dest=/etc/motd.d/hello', 'content=hello', 'mode=0640', '-b', '-l', 'cmd1'];
  await hosts.exec('cmd1', ['mkdir', '-p', '/etc/motd.d']);
  expect(await play(...motd, '-CD', '--exit-code')).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/would change {2}cmd1 {2}copy \/etc\/motd\.d\/hello[\s\S]*\+hello/) as string,
  });
  expect((await play(...motd)).code).toBe(0);
  expect(await on('cmd1', 'cat /etc/motd.d/hello; stat -c %a /etc/motd.d/hello')).toMatch(/^hello\s*640$/);
  expect((await play(...motd, '-C', '--exit-code')).code).toBe(0);
});

// What is typed, what must be said before a host is touched.
test.each([
  ['an unknown resource', ['resource', 'cpoy', 'dest=/x', '-l', 'cmd1'], /Unknown resource "cpoy"\n.*"copy"/],
  ['an unknown option', ['resource', 'copy', 'dst=/x', '-l', 'cmd1'], /Unknown option of copy "dst"\n.*"dest"/],
  ['a word without a value', ['resource', 'apt', 'curl', '-l', 'cmd1'], /"curl" is not an option of apt\n.*name=value/],
  ['a wrong value', ['resource', 'file', 'path=/x', 'state=dir', '-l', 'cmd1'], /option "state" is "dir"/],
  ['no hosts', ['resource', 'file', 'path=/x', 'state=absent'], /On which hosts\?/],
  ['a file for seconds', ['--wait', 'slow'], /--wait needs a number of seconds/],
])('%s is an error with what to do', async (_, args, said) => {
  const { code, stderr } = await play(...args);
  expect(stderr).toMatch(said);
  expect(code).toBe(1);
});

test('a host is held by one run: the next says by whom and waits, or fails at once; a dry run does neither', async () => {
  await freshly();
  const first = inBackground('slow', '-l', 'cmd1', '--no-typecheck', '-e', 'db_password=geheim');
  await until(isWorking);
  const refused = await play('slow', '-l', 'cmd1', '--no-typecheck', '--wait', '0');
  expect(refused.code).toBe(2);
  expect(refused.stdout).toMatch(
    /cmd1 is held by \S+@\S+ since \d\d:\d\d:\d\d \(\d+ s ago\): play slow -l cmd1 --no-typecheck -e 'db_password=\*{8}' \(pid \d+ there\)/,
  );
  expect((await play('slow', '-C', '-l', 'cmd1', '--no-typecheck')).code).toBe(0);
  expect((await play('doctor', 'cmd1')).stdout).toMatch(/^warning {2}held {10}by \S+@\S+ since/m);
  const second = inBackground('slow', '-l', 'cmd1', '--no-typecheck', '--wait');
  await second.said('waiting for ');
  await hosts.exec('cmd1', ['touch', '/tmp/go']);
  expect((await first.outcome).code).toBe(0);
  expect(await second.outcome).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('the host is free, going on') as string,
  });
});

test('Ctrl-\\ and USR1 tell what each host is doing and said last, and the run goes on', async () => {
  await freshly();
  const job = inBackground('behind', '-l', 'cmd1', '--no-typecheck');
  await until(isWorking);
  job.kill('SIGQUIT');
  await job.said(/^cmd1 {2}shell echo the first line.* {2}for \d+ s\n {4} {2}\| the first line$/m);
  job.kill('SIGUSR1');
  await job.said(/(?:^cmd1 {2}shell [\s\S]*){2}/m);
  await hosts.exec('cmd1', ['touch', '/tmp/go']);
  expect((await job.outcome).code).toBe(0);
});

test('who holds the lock of apt is told while it is waited for', async () => {
  await freshly();
  const holder =
    'perl -e \'use Fcntl; open F, ">>", "/var/lib/dpkg/lock-frontend"; $l = pack("s s x![q] q q i", F_WRLCK, 0, 0, 0, 0); fcntl F, F_SETLK, $l or die; sleep 1 until -e "/tmp/go"\'';
  await hosts.exec('cmd1', ['sh', '-c', `setsid ${holder} >/dev/null 2>&1 &`]);
  const job = inBackground('resource', 'apt', 'name=tree', '-b', '-l', 'cmd1');
  await job.said(/^note {2}cmd1 {2}waiting for apt: \/var\/lib\/dpkg\/lock-frontend is held by process \d+ \(perl /m);
  await hosts.exec('cmd1', ['touch', '/tmp/go']);
  expect((await job.outcome).code).toBe(0);
});

test('a killed run holds the host until what it was sent is done: the next one waits for that', async () => {
  await freshly();
  const dead = inBackground('slow', '-l', 'cmd1', '--no-typecheck');
  await until(isWorking);
  dead.kill('SIGKILL');
  await dead.outcome;
  const next = inBackground('reads', '-l', 'cmd1', '--no-typecheck');
  await next.said('waiting for ');
  await hosts.exec('cmd1', ['touch', '/tmp/go']);
  expect((await next.outcome).code).toBe(0);
  expect(await on('cmd1', 'cat /tmp/came')).toBe('done');
});

test('that holds for what another account was doing as well', async () => {
  await freshly();
  const dead = inBackground('other', '-l', 'cmd1', '--no-typecheck');
  await until(async () => (await on('cmd1', 'cat /run/play.*/o[0-9]* 2>/dev/null')).includes('the first line'));
  dead.kill('SIGKILL');
  await dead.outcome;
  const next = inBackground('reads', '-l', 'cmd1', '--no-typecheck');
  await next.said('waiting for ');
  await hosts.exec('cmd1', ['touch', '/tmp/go']);
  expect((await next.outcome).code).toBe(0);
});

test('--steal ends the run that holds the host, but not while dpkg works', async () => {
  await freshly();
  const first = inBackground('slow', '-l', 'cmd1', '--no-typecheck');
  await until(isWorking);
  await hosts.exec('cmd1', ['sh', '-c', 'cp /bin/sleep /tmp/dpkg; setsid /tmp/dpkg 600 >/dev/null 2>&1 &']);
  const refused = await play('reads', '-l', 'cmd1', '--no-typecheck', '--steal');
  expect(refused.stdout).toMatch(/cmd1 is not stolen: dpkg is at work there/);
  await hosts.exec('cmd1', [
    'sh',
    '-c',
    'for c in /proc/[0-9]*/comm; do [ "$(cat $c)" != dpkg ] || { p=${c%/comm}; kill ${p#/proc/}; }; done',
  ]);
  expect((await play('reads', '-l', 'cmd1', '--no-typecheck', '--steal')).code).toBe(0);
  expect((await first.outcome).code).toBe(4);
  expect(await on('cmd1', 'test -e /tmp/came || echo ended')).toBe('ended');
});

test('every run is on record, private, with commit, changes and exit; secrets are masked', async () => {
  project.write({ '.gitignore': '.play\n' });
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-qm', 'x', '--allow-empty'],
  ])
    expect((await run('git', args, { cwd: project.dir })).code).toBe(0);
  expect((await play('resource', 'copy', 'dest=/etc/motd.d/hello', 'content=changed', '-b', '-l', 'cmd1')).code).toBe(
    0,
  );
  const folder = join(state, 'play', 'runs');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  const list = (await play('log')).stdout;
  expect(list).toMatch(/^\S+ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}exit 0 .* 1 changed {2}play resource copy/m);
  expect(list).toMatch(/no end: killed, or still running {2}.*play slow/);
  expect(list).not.toContain('geheim');
  const shown = (await play('log', '1')).stdout;
  expect(shown).toMatch(/commit {2}[0-9a-f]{12}\n/);
  expect(shown).toMatch(/changed {2}cmd1 {2}copy \/etc\/motd\.d\/hello\n[\s\S]*-hello[\s\S]*\+changed/);
  appendFileSync(join(project.dir, 'inventory/hosts'), '\n');
  await play('run', 'true', '-l', 'cmd1');
  expect((await play('log', '1')).stdout).toMatch(/and uncommitted changes/);
});
