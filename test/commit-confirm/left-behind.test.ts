/** Nobody is there to confirm: the run was killed, the host rebooted, the next run comes too early. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { makeProject, playRoot, run, type Outcome } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const names = ['left1', 'left2', 'left3', 'left4', 'left5', 'left6', 'left7'] as const;
const hosts = useHosts(...names);
const env = { ...process.env, XDG_STATE_HOME: temporaryFolder('state') };

/** What is odd about names must not be odd for what puts them back. */
const odd = `/srv/odd '"$x\\\\n name/ -é`;
const site = (within: number): string => `
import { block, copy, definePlaybook, file, handler, shell } from 'play';
const told = handler('told', () => shell({ cmd: 'echo told >>/srv/log', changes: 'always' }));
export default definePlaybook({
  hosts: 'all', become: true,
  tasks: () => [
    block([
      copy({ dest: '/srv/kept', content: 'new', mode: '0600' }, { notify: told }),
      copy({ dest: ${JSON.stringify(odd)}, content: 'new' }),
      file({ path: '/srv/folder', state: 'absent' }),
      file({ path: '/srv/made/below', state: 'directory' }),
      shell({ cmd: ': >/run/begun; until [ -e /run/go ]; do sleep 0.05; done', unless: 'test -e /run/go' }, { name: 'in hand' }),
    ], { commitConfirmed: { within: ${within}, undo: 'echo undone >>/srv/undone' } }),
  ],
});
`;
const project = makeProject({
  'soon.ts': site(20),
  'late.ts': site(600),
  // A file is changed, by play and then by a command, and at last its folder goes.
  'older.ts': `
import { block, copy, definePlaybook, file, shell } from 'play';
export default definePlaybook({ hosts: 'all', become: true, tasks: () => [
  block([
    copy({ dest: '/srv/folder/file', content: 'new' }),
    shell({ cmd: 'echo more >>/srv/folder/file; mkdir /srv/more', changes: 'always' }, { changedWhen: () => true }),
    file({ path: '/srv/folder', state: 'absent' }),
    file({ path: '/srv/more/below', state: 'directory' }),
    shell({ cmd: 'rm -r /srv/more; exit 1', changes: 'always' }),
  ], { commitConfirmed: true }),
] });`,
  'full.ts': `
import { block, copy, definePlaybook, handler, shell } from 'play';
const told = handler('told', () => shell({ cmd: 'echo told >>/root/log', changes: 'always' }));
export default definePlaybook({ hosts: 'all', become: true, tasks: () => [
  copy({ dest: '/root/apart', content: 'new' }, { notify: told }),
  block([
    copy({ dest: '/srv/kept', content: 'newer' }),
    shell({ cmd: '[ ! -e /root/fine ] || exit 0; cd /var/lib/play; head -c 16M /dev/zero >filled; seq -f filled.%g 6000 | xargs touch; exit 1', changes: 'always' }, { changedWhen: () => false }),
  ], { commitConfirmed: { within: 600 } }),
] });`,
  'own.ts': `
import { copy, definePlaybook, shell } from 'play';
export default definePlaybook({ hosts: 'all', tasks: () => [
  copy({ dest: '/home/nosudo/mine', content: 'new' }, { commitConfirmed: { within: 60 } }),
] });`,
  'slow.ts': `
import { block, copy, definePlaybook, shell } from 'play';
export default definePlaybook({ hosts: 'all', become: true, tasks: () => [
  block([
    copy({ dest: '/srv/kept', content: 'new' }),
    shell({ cmd: 'sleep 1234', changes: 'always' }),
    copy({ dest: '/srv/after', content: 'new' }),
  ], { commitConfirmed: { within: 6 } }),
] });`,
  'apart.ts': `
import { copy, definePlaybook, handler, systemd } from 'play';
const reload = handler('reload sshd', () => systemd({ name: 'ssh', state: 'reloaded' }));
export default definePlaybook({ hosts: 'all', become: true, tasks: () => [
  copy({ dest: '/etc/ssh/sshd_config.d/00-apart.conf', content: 'AllowUsers somebody\\n' }, { notify: reload }),
] });`,
});
const on = async (host: string, sh: string): Promise<string> => {
  const { stdout, stderr } = await hosts.exec(host, ['sh', '-c', sh]);
  return (stdout + stderr).trim();
};
const play = (host: string, ...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), [...args, '-i', `${host}.ini`, '--no-typecheck'], { cwd: project.dir, env });

const ask = (host: string, ...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), [...args, '-i', `${host}.ini`], { cwd: project.dir, env });

const state = `cat /srv/kept '${odd.replaceAll("'", `'\\''`)}' /srv/folder/file; stat -c '%a %u:%g %n' /srv/kept /srv/folder /srv/folder/file; getfacl -p /srv/kept 2>/dev/null; ls /srv`;
const left =
  'ls -d /etc/systemd/system/play* /etc/systemd/system/*/play* /var/lib/play/commit-confirm/*/ 2>/dev/null; systemctl list-units --all "play-commit*" --no-legend; find /srv /etc -name ".play*"';

beforeAll(async () => {
  for (const host of names) {
    project.write({ [`${host}.ini`]: hosts.inventoryLine(host) });
    await on(
      host,
      `mkdir -p '${odd.replaceAll("'", `'\\''`).replace(/\/[^/]*$/, '')}' /srv/folder; echo old >/srv/kept; chown admin:operator /srv/kept; chmod 4751 /srv/kept; echo old >'${odd.replaceAll("'", `'\\''`)}'; echo x >/srv/folder/file; chmod 2750 /srv/folder; echo mine >/home/nosudo/mine; chown nosudo /home/nosudo/mine`,
    );
  }
});

/** Begins a run and kills it once all but the last task of the block is done. */
async function kill(host: string, playbook: string): Promise<string> {
  const before = await on(host, state);
  const child = spawn(join(playRoot, 'play'), [playbook, '-i', `${host}.ini`, '--no-typecheck'], {
    cwd: project.dir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await vi.waitFor(async () => expect(await on(host, 'ls /run/begun'), said).toBe('/run/begun'), {
    timeout: 120_000,
    interval: 100,
  });
  expect(await on(host, 'cat /srv/kept')).toBe('new');
  child.kill('SIGKILL');
  await ended;
  await on(host, ': >/run/go');
  return before;
}

describe.concurrent('the run was killed', () => {
  test('the host puts it back by itself, and the next run says so', { timeout: 200_000 }, async () => {
    const before = await kill('left1', 'soon.ts');
    // A timer of systemd's that no change of the clock moves.
    expect(await on('left1', 'systemctl show -p TimersMonotonic,TimersCalendar "play-commit-confirm-*.timer"')).toMatch(
      /^TimersMonotonic=\{ OnActiveUSec=20s/,
    );
    await vi.waitFor(
      async () => expect(await on('left1', 'ls /var/lib/play/commit-confirm')).toMatch(/^\w+\.undone$/),
      {
        timeout: 120_000,
        interval: 200,
      },
    );
    expect(await on('left1', state)).toBe(`${before}\nundone`);
    // The service that did it is still at its end.
    await vi.waitFor(async () => expect(await on('left1', left)).toBe(''), { timeout: 120_000, interval: 200 });
    expect(await on('left1', 'journalctl --sync; journalctl -t play --no-pager -o cat')).toMatch(
      /^put back, since nobody confirmed it in time/m,
    );
    expect((await ask('left1', 'owed')).stdout).toMatch(
      /^left1 {2}put back at \S+, since nobody confirmed it in time: .*\. The next run will report it again. To stop that: play owed left1 --drop [0-9a-f]{8}$/m,
    );
    const foretold = await play('left1', 'soon.ts', '-C');
    const told = /put back at \S+, since nobody confirmed it in time: ".*copy \/srv\/kept"/;
    expect(foretold.stdout).toMatch(told);
    expect(foretold.stdout).toContain('put back unless a new login works within 20 s: "copy /srv/kept"');
    const next = await play('left1', 'soon.ts');
    expect(next.stdout).toMatch(told);
    expect(next.stdout).toMatch(/confirmed by a new login: "copy \/srv\/kept"/);
    expect(next.code).toBe(0);
    expect(await on('left1', 'cat /srv/kept /srv/log; ls -d /srv/folder /var/lib/play/commit-confirm')).toMatch(
      /^newtold\nls: .*\nls: /,
    );
    expect(await on('left1', left)).toBe('');
    const last = await play('left1', 'soon.ts');
    expect(last.stdout).not.toMatch(/put back|confirmed/);
    expect(last.stdout).toContain('changed=0');
  });

  test('a run that comes before the time puts it back first, and confirms its own', { timeout: 200_000 }, async () => {
    const before = await kill('left2', 'late.ts');
    const foretold = await play('left2', 'late.ts', '-C');
    expect(foretold.stdout).toMatch(/not confirmed, and put back in \d+ s or by the next run: "copy \/srv\/kept"/);
    expect(await on('left2', 'cat /srv/kept')).toBe('new');
    // Key files are among what is saved.
    expect(await on('left2', 'stat -c "%a %U" /var/lib/play/commit-confirm/*')).toBe('700 root');
    const status = await ask('left2', 'status', '--output', 'jsonl');
    expect(JSON.parse(status.stdout.split('\n')[0] ?? '')).toMatchObject({
      event: 'status',
      owed: [{ play: 'all' }],
      waiting: [{ play: 'all', tasks: expect.arrayContaining(['copy /srv/kept']) as string[] }],
      putBack: [],
    });
    expect((await ask('left2', 'status')).stdout).toMatch(
      /^left2 {2}waits for a new login: "copy \/srv\/kept".* the host puts it back in \d+ s, or the next run does at once$/m,
    );
    const then = await play('left2', 'late.ts');
    expect(then.stdout).toMatch(/nobody confirmed it, so it is put back first: "copy \/srv\/kept"/);
    expect(then.stdout).toMatch(/changed {2}left2 {2}copy \/srv\/kept/);
    expect(then.code).toBe(0);
    expect(before).toContain('old');
    expect(await on('left2', 'cat /srv/kept; cat /srv/undone')).toBe('newundone');
    expect(await on('left2', left)).toBe('');
  });

  test('a reboot puts it back before anything reads it', { timeout: 200_000 }, async () => {
    const before = await kill('left3', 'late.ts');
    expect(await on('left3', left)).toContain('sysinit.target.wants/play-commit-confirm.service');
    await on('left3', 'touch /run/before; systemctl reboot');
    await vi.waitFor(
      async () =>
        expect(await on('left3', 'ls /run/before 2>&1; systemctl is-active ssh')).toMatch(/No such file[^]*\nactive$/),
      {
        timeout: 120_000,
        interval: 300,
      },
    );
    expect(await on('left3', state)).toBe(before);
    await on('left3', ': >/run/go');
    const next = await play('left3', 'late.ts');
    expect(next.stdout).toMatch(/put back at \S+, since the host was rebooted before it was confirmed/);
    expect(next.stdout).toMatch(/changed {2}left3 {2}copy \/srv\/kept/);
    // systemd, which knew the unit from the boot on, has forgotten it.
    expect(await on('left3', left)).toBe('');
  });

  test('who is not root has a process in place of a timer', { timeout: 200_000 }, async () => {
    project.write({ 'left4.ini': hosts.inventoryLine('left4').replace('ansible_user=admin', 'ansible_user=nosudo') });
    const done = await play('left4', 'own.ts');
    expect(done.stdout).toContain('confirmed by a new login');
    expect(
      await on(
        'left4',
        'cat /home/nosudo/mine; find /home/nosudo/.local -name "commit-confirm*"; pgrep -u nosudo sleep',
      ),
    ).toBe('new');
  });

  test('what fails in the midst is put back at once, with its handlers not run', { timeout: 200_000 }, async () => {
    project.write({
      'bad.ts': site(600).replace("': >/run/begun; until [ -e /run/go ]; do sleep 0.05; done'", "'exit 1'"),
    });
    const before = await on('left5', state);
    const done = await play('left5', 'bad.ts');
    expect(done.stdout).toMatch(/put back, as not all of it was done: "copy \/srv\/kept"/);
    expect(done.code).toBe(2);
    expect(await on('left5', state)).toBe(`${before}\nundone`);
    const [, drop = ''] = /--drop ([0-9a-f]{8})/.exec((await ask('left5', 'owed')).stdout) ?? [];
    expect((await ask('left5', 'owed', '--drop', drop)).stdout).toMatch(/^left5 {2}no longer on record: put back/);
    expect((await ask('left5', 'owed')).stdout).toBe('left5  nothing is owed\n');
    expect(await on('left5', left)).toBe('');

    // What did not change is not written again, or it would be another folder: also one that is larger than its copy is,
    // for names it had once.
    await on('left5', 'cd /etc/security && for i in $(seq 100); do : >"$(printf %0250d $i)"; done; rm -- 0*');
    const whole = `${state}; cat /srv/folder/file; stat -c '%i %n' /etc/ssh /etc/security /etc/ssh/sshd_config`;
    const then = await on('left5', whole);
    expect((await play('left5', 'older.ts')).code).toBe(2);
    expect(await on('left5', whole)).toBe(then);
  });

  test('a full disk keeps it from nothing, and what is owed is not forgotten', { timeout: 200_000 }, async () => {
    // Neither room nor an inode is left where it keeps what it saved, and where it is to note what it did.
    await on('left7', 'mkdir -p /var/lib/play && mount -t tmpfs -o size=8m,nr_inodes=4000,mode=755 full /var/lib/play');
    expect((await play('left7', 'full.ts')).code).toBe(2);
    expect(await on('left7', 'cat /srv/kept')).toBe('old');
    await on('left7', 'rm /var/lib/play/filled*; touch /root/fine');
    const next = await play('left7', 'full.ts');
    expect(next.stdout).toMatch(/put back at .*, since .*: "copy \/srv\/kept"/);
    expect(await on('left7', `cat /root/log; umount /var/lib/play; ${left}`)).toBe('told');

    // Without room to save it nothing is changed, and nothing is left of the attempt.
    await on('left7', 'mount -t tmpfs -o size=64k,mode=755 full /var/lib/play; echo other >/srv/kept');
    await on('left7', 'mkdir /var/lib/play/owed; cat /dev/zero >/var/lib/play/filled 2>/dev/null || :');
    expect((await play('left7', 'full.ts')).code).toBe(2);
    expect(await on('left7', 'cat /srv/kept; ls /var/lib/play/commit-confirm 2>&1; umount /var/lib/play')).toMatch(
      /^other\nls: .*No such file or directory$/,
    );
  });

  test('steps that take longer than the host waits do not go on behind its back', { timeout: 200_000 }, async () => {
    const before = await on('left6', state);
    const done = await play('left6', 'slow.ts');
    expect(done.stdout).toMatch(/failed {2}left6 .*\n.*Put back, as no new login confirmed it: .*lost/);
    expect(done.code).toBe(2);
    expect(await on('left6', `${state}; pgrep -f 'sleep 123[4]'`)).toBe(before);

    // Of what another task changed before nothing is kept here: then at least it is said, while one is still in.
    project.write({
      'play.config.ts': "import { defineConfig } from 'play';\nexport default defineConfig({ backups: false });\n",
    });
    const apart = await play('left6', 'apart.ts');
    expect(apart.stdout).toMatch(/NOT RESTORED: no new login works \(.* did not let admin in/);
    expect(apart.stdout).toContain('play keeps nothing of /etc/ssh/sshd_config.d/00-apart.conf');
    expect(apart.code).toBe(2);
  });
});
