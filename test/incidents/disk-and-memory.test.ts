import { beforeAll, describe, expect, test } from 'vitest';
import { parseSize, sizeText, worthTelling } from '../../src/cli/commands/find-big/sizes.ts';
import { decodeMemory, isUnhealed, withStates } from '../../src/cli/commands/oom/oom-script.ts';
import { inTerminal } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';
import { incidentProject } from './project.ts';

const hosts = useHosts('full1', 'full2');
const project = incidentProject(hosts, ['full1', 'full2']);
const { play, events, on } = project;

beforeAll(() => project.writeInventory());

describe('find-big', () => {
  /** An ELF file of the type `core`, as the kernel writes them. */
  const core = String.raw`printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\4\0core' >/srv/app/core.812`;
  /** Waits until a unit has a file open. */
  const hasOpen = (unit: string, file: string): string =>
    `until [ -n "$(find "/proc/$(systemctl show -p MainPID --value ${unit})/fd" -lname ${file} 2>/dev/null)" ]; do sleep 0.05; done`;
  beforeAll(async () => {
    await on(
      'full1',
      `mkdir -p /srv/app /srv/small /root/elsewhere; cd /srv/app; head -c 3000000 /dev/zero >java_pid812.hprof
head -c 2000000 /dev/zero >'odd
name.hprof'; echo text >core; cp /bin/true core.js; ${core}
head -c 9000000 /dev/zero >/root/elsewhere/other.hprof; ln -s /root/elsewhere link; ln -s /root/elsewhere/other.hprof link.hprof
for i in 1 2 3 4 5 6; do head -c 1000000 /dev/zero >/srv/small/$i; done
head -c 8000000 /dev/zero >/srv/app/open.log; systemd-run -q --unit=holder tail -f /srv/app/open.log; ${hasOpen('holder', '/srv/app/open.log')}; rm /srv/app/open.log`,
    );
    await on(
      'full2',
      `mkdir -p /srv/app; head -c 5000000 /dev/zero >/srv/app/java_pid9.hprof; systemd-run -q --unit=writer tail -f /srv/app/java_pid9.hprof; ${hasOpen('writer', '/srv/app/java_pid9.hprof')}`,
    );
  });

  test('files, folders and what was deleted and is still open, of all hosts in one table', async () => {
    const { stdout, code } = await play('find-big', '/srv', '-l', 'all', '--min', '2M');
    expect(code).toBe(0);
    const table = stdout.split('\n').filter((line) => line.includes('/srv'));
    expect(table.map((line) => line.replace(/ +/g, ' '))).toEqual([
      expect.stringMatching(
        /^full1 7\.6M \/srv\/app\/open\.log \(deleted, still open in tail\[\d+\]: restart it to free the space\)/,
      ),
      'full1 5.7M /srv/small/ (what else is in it)',
      expect.stringMatching(/^full2 4\.8M \d+m \/srv\/app\/java_pid9\.hprof$/),
      expect.stringMatching(/^full1 2\.9M \d+m \/srv\/app\/java_pid812\.hprof$/),
    ]);
    expect(stdout).toMatch(/^full1 {2}\/ is \d+% full: \S+ of \S+ are free$/m);
  });

  test('crash dumps go when the word is typed; what is open, through a link or no dump stays', async () => {
    const refused = await play('find-big', '/srv', '-l', 'all', '--crash-dumps', '--delete');
    expect(refused.stderr).toContain('There is no terminal to ask');
    const wrong = await inTerminal(
      project.files,
      ['find-big', '/srv', '-l', 'all', '--crash-dumps', '--delete'],
      [[/Type "delete 4" to go on: /, 'yes']],
    );
    expect(wrong.shown).toContain('Nothing was deleted.');

    expect((await play('hold', 'full2', '--reason', 'looking at it')).code).toBe(0);
    const held = await inTerminal(
      project.files,
      ['find-big', '/srv', '-l', 'full2', '--crash-dumps', '--delete'],
      [[/Type "delete 1"/, 'delete 1']],
    );
    expect(held.shown).toMatch(/held by .*: looking at it: nothing was deleted/);
    expect(held.code).toBe(5);
    await play('unhold', 'full2');

    const { shown, code } = await inTerminal(
      project.files,
      ['find-big', '/srv', '-l', 'all', '--crash-dumps', '--delete'],
      [[/Type "delete 4" to go on: /, 'delete 4']],
    );
    expect(shown).toMatch(/full1 {2}deleted \/srv\/app\/odd\\nname\.hprof \(1\.9M\)/);
    expect(shown).toMatch(/full2 {2}kept \/srv\/app\/java_pid9\.hprof: tail\[\d+\] has it open/);
    expect(code).toBe(2);
    expect(await on('full1', 'ls /srv/app; ls /root/elsewhere')).toBe('core\ncore.js\nlink\nlink.hprof\nother.hprof');
    expect((await play('log', '--host', 'full1')).stdout).toMatch(/3 changed {2}play find-big/);
  });

  test('mistakes are told before a host is touched', async () => {
    expect((await play('find-big', '-l', 'all', '--delete')).stderr).toMatch(/--delete needs to know what may go/);
    expect((await play('find-big', 'srv', '-l', 'all')).stderr).toMatch(/not an absolute path/);
    expect((await play('find-big')).stderr).toContain('On which hosts?');
    const none = await play('find-big', '/none', '-l', 'full1');
    expect(none.stdout).toMatch(/FAILED there is no folder \/none/);
    expect(none.code).toBe(2);
  });

  test('sizes, and folders without what is listed in them', () => {
    expect(parseSize('--min', '1.5G')).toBe(1_610_612_736);
    expect(sizeText(1_610_612_736)).toBe('1.5G');
    for (const wrong of ['big', '0', '-1M', '1X']) expect(() => parseSize('--min', wrong)).toThrow(/needs a size/);
    const one = (kind: 'file' | 'folder', path: string, size: number) =>
      ({ host: 'a', kind, path, size, modified: undefined, id: undefined, process: undefined }) as const;
    const told = worthTelling(
      [one('folder', '/', 100), one('folder', '/a', 90), one('folder', '/ab', 9), one('file', '/a/b', 80)],
      9,
    );
    expect(told.map(({ path, size }) => `${path} ${size}`)).toEqual(['/a/b 80', '/a 10', '/ab 9']);
  });
});

describe('oom', () => {
  beforeAll(async () => {
    const script = `[ ! -e /root/bad ] || echo 'java.lang.OutOfMemoryError: Java heap space'\nexec sleep infinity\n`;
    for (const host of ['full1', 'full2']) {
      await hosts.exec(host, ['sh', '-c', 'cat >/root/app.sh'], script);
      await on(
        host,
        `printf '[Service]\\nExecStart=/bin/sh /root/app.sh\\n' >/etc/systemd/system/app.service; systemctl daemon-reload
[ ${host} = full2 ] || touch /root/bad; systemctl start app; [ ${host} = full2 ] || until journalctl -q -u app | grep -q OutOf; do sleep 0.1; done; sleep 1.2; rm -f /root/bad`,
      );
    }
  });

  test('says which host and unit ran out of memory, and restarts that unit there alone', async () => {
    const { stdout, code } = await play('oom', '-l', 'all');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^full1 {2}app\.service: 1 error, last \d\d:\d\d; runs since \d\d:\d\d, not restarted since then$/m,
    );
    expect(stdout).toMatch(/^full1 {4}java\.lang\.OutOfMemoryError: Java heap space$/m);
    expect(stdout).toMatch(/^1 host of 2: nothing ran out of memory$/m);
    const told = await events('oom', '-l', 'all');
    expect(told[0]).toMatchObject({ event: 'out-of-memory', host: 'full1', unit: 'app.service', kills: 0, errors: 1 });

    const pids = (): Promise<string[]> =>
      Promise.all(['full1', 'full2'].map((host) => on(host, 'systemctl show -p MainPID --value app')));
    const [first, second] = await pids();
    const check = await play('oom', '-l', 'all', '--restart', 'app', '-C');
    expect(check.stdout).toMatch(/would change {2}full1 {2}restart app\.service/);
    expect(await pids()).toEqual([first, second]);
    const real = await play('oom', '-l', 'all', '--restart', 'app', '--gate-wait', '10s');
    expect(real.stderr).toBe('');
    expect(real.stdout).toMatch(/changed {2}full1 {2}restart app\.service/);
    expect(real.code).toBe(0);
    const [after, other] = await pids();
    expect(after).not.toBe(first);
    expect(other).toBe(second);

    const again = await play('oom', '-l', 'all', '--restart', 'app');
    expect(again.stdout).toMatch(/^full1 {2}app\.service: 1 error, last \S+; restarted: runs since \S+$/m);
    expect(again.stdout).toMatch(
      /^nothing to restart: app\.service has not run out of memory on any host since it started$/m,
    );
  });

  test('what the kernel and systemd say of the same kill is one; counters tell of what the journal forgot', () => {
    const entry = (fields: object): string => JSON.stringify({ __REALTIME_TIMESTAMP: '1000000000', ...fields });
    const text = [
      '@kernel',
      entry({
        MESSAGE:
          'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/es.service,task_memcg=/system.slice/es.service,task=java,pid=812,uid=0',
      }),
      entry({ MESSAGE: 'Memory cgroup out of memory: Killed process 812 (java) total-vm:9kB, anon-rss:8kB' }),
      '@systemd',
      entry({ UNIT: 'es.service', MESSAGE: 'es.service: A process of this unit has been killed by the OOM killer.' }),
      '@program',
      'cut sho',
      '@counter',
      '/sys/fs/cgroup/system.slice/db.service/memory.events.local:oom_kill 3',
    ].join('\n');
    const found = withStates(
      decodeMemory('a', text, undefined),
      '@clock 2000 1500\nId=es.service\nActiveState=active\nResult=success\nActiveEnterTimestampMonotonic=600000000\n',
    );
    expect(found.map(({ unit, kills, errors, last }) => ({ unit, kills, errors, last }))).toEqual([
      { unit: 'es.service', kills: 1, errors: 0, last: 1000 },
      { unit: 'db.service', kills: 3, errors: 0, last: undefined },
    ]);
    expect(found.map(isUnhealed)).toEqual([false, true]);
  });

  test('what a program says before systemd calls it active is of this start, whatever the clocks say', () => {
    const said = JSON.stringify({
      __REALTIME_TIMESTAMP: '1000000000',
      _SYSTEMD_UNIT: 'app.service',
      _SYSTEMD_INVOCATION_ID: 'a1',
      MESSAGE: 'MemoryError',
    });
    const seen = (invocation: string): boolean[] =>
      withStates(
        decodeMemory('a', `@program\n${said}`, undefined),
        `@clock 2000.5 1500\nId=app.service\nActiveState=active\nActiveEnterTimestampMonotonic=500100000\nInvocationID=${invocation}\n`,
      ).map(isUnhealed);
    expect(seen('a1')).toEqual([true]);
    expect(seen('b2')).toEqual([false]);
  });

  test('mistakes', async () => {
    expect((await play('oom', '-l', 'all', '--gate', 'http://127.0.0.1')).stderr).toMatch(/need --restart/);
    expect((await play('oom', '-l', 'full1', '--since', 'some day')).stdout).toMatch(
      /FAILED Failed to parse timestamp/,
    );
  });
});
