/**
 * Runs that something happens to: play is killed, the link is cut, the disk is full, the host loses its power. Whatever
 * it was and whenever, no file is half written, the next run converges, no handler is lost and nothing is left behind.
 * `npm run attack -- --kind fault` for the long form, `PLAY_ATTACK_SEED` to do one again.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { makeProject, playRoot, type Outcome } from '../cli/command-line.ts';
import { attackRounds, attackSeed, tellFigures } from '../support/attack.ts';
import { Dice } from '../support/dice.ts';
import { useHosts } from '../support/sandbox.ts';

const host = 'faulted';
const hosts = useHosts(host);
const seed = attackSeed();
/** Milliseconds of a run that nothing happens to. */
let longest = 0;

/** Every task writes the stamp of its run; `loaded` is what a service would have read when its handler ran. */
const project = makeProject({
  'tree/sub/a.txt': 'a\n',
  'tree/b.txt': 'b\n',
  'site.ts': `
import { block, command, copy, cron, definePlaybook, file, group, handler, iniFile, lineinfile, sync, systemd, user } from 'play';
const load = handler('load', () => command({ argv: ['sh', '-c', 'cat /srv/faulted/[fu]* /etc/faulted.ini >/root/loaded'], changes: 'always' }));
const numbers = Array.from({ length: 12 }, (_, n) => n);
export default definePlaybook({
  hosts: 'all', become: true,
  tasks: ({ vars }) => {
    const stamp = String(vars['stamp']);
    return [
      ...numbers.map((n) => copy({ dest: \`/srv/faulted/file \${n}\`, content: \`\${stamp} \${n}\\n\`.repeat(2000), mode: '0640', owner: 'admin' }, { notify: load })),
      group({ name: 'faulted' }),
      user({ name: 'faulted', group: 'faulted', comment: stamp, createHome: false, shell: '/usr/sbin/nologin' }),
      sync({ src: 'tree', dest: '/srv/faulted/tree', delete: true }),
      block([
        command({ argv: ['sh', '-c', \`: >/srv/faulted/mark; sleep 0.3; echo \${stamp} >/srv/faulted/slow\`], unless: \`grep -qx \${stamp} /srv/faulted/slow\` }),
      ], { always: [file({ path: '/srv/faulted/mark', state: 'absent' })] }),
      iniFile({ path: '/etc/faulted.ini', section: 'run', option: 'stamp', value: stamp, create: true, mode: '0644' }, { notify: load }),
      cron({ name: 'faulted', job: \`/bin/true \${stamp}\`, minute: '7' }),
      copy({ dest: '/etc/systemd/system/faulted.service', content: \`[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/echo \${stamp}\\n[Install]\\nWantedBy=multi-user.target\\n\`, mode: '0644' }),
      systemd({ name: 'faulted', state: 'started', enabled: true, daemonReload: true }),
      ...numbers.map((n) => lineinfile({ path: \`/srv/faulted/file \${n}\`, line: \`\${stamp} \${n}\` }, { notify: load })),
      copy({ dest: '/srv/faulted/until', content: \`\${stamp}\\n\` }, { notify: load }),
    ];
  },
});
`,
});

const sh = async (script: string): Promise<string> => (await hosts.exec(host, ['sh', '-c', script])).stdout.trim();
const killMatching = (words: string, signal: string): string =>
  `for p in $(pgrep -x sshd); do case $(tr '\\0' ' ' </proc/$p/cmdline) in *${words}*) kill -${signal} $p;; esac; done`;

interface Fault {
  /** What happens, when its moment has come. */
  strike(play: ChildProcess): Promise<unknown>;
  /** Puts right what an operator would before running again. */
  fix?(): Promise<unknown>;
}

const signal = (name: NodeJS.Signals): Fault => ({
  strike: async (play) => {
    if (play.pid !== undefined && play.exitCode === null) process.kill(name === 'SIGKILL' ? -play.pid : play.pid, name);
  },
});
const onHost = (strike: string, fix?: string): Fault => ({
  strike: () => sh(strike),
  ...(fix === undefined ? {} : { fix: () => sh(fix) }),
});
/** The first ones are those of the suite. */
const faults: Readonly<Record<string, Fault>> = {
  'play is killed': signal('SIGKILL'),
  'the link is cut': onHost(killMatching('@notty', '9')),
  'the disk is full': onHost(
    'dd if=/dev/zero of=/srv/faulted/.fill bs=64k 2>/dev/null || :',
    'rm -f /srv/faulted/.fill',
  ),
  'the shells of the run are killed': onHost("pkill -9 -f '/run/[p]lay\\.' || :"),
  'play is interrupted': signal('SIGINT'),
  'play is told to end': signal('SIGTERM'),
  'the terminal is closed': signal('SIGHUP'),
  'the link is silent for a while': onHost(
    `${killMatching('@notty', 'STOP')}; sleep 2; ${killMatching('@notty', 'CONT')}`,
  ),
  'what a request of the run started is killed': onHost(
    'for i in $(seq 200); do pid=$(pgrep -P $(pgrep -d, -f "/run/[p]lay\\.") | shuf -n 1); [ -n "$pid" ] && kill -9 $pid && break; done',
  ),
  'the disk takes no more writes': onHost('mount -o remount,ro /srv/faulted', 'mount -o remount,rw /srv/faulted'),
  'sshd is restarted': onHost('systemctl restart ssh'),
};
const fewRounds = 3;

/** @returns what is wrong, and how the run that was struck ended */
async function round(
  fault: Fault,
  milliseconds: number,
  stamp: number,
): Promise<{ readonly wrong: string; readonly ended: number | null }> {
  await sh('rm -f /root/loaded');
  const child = spawn(
    join(playRoot, 'play'),
    ['site.ts', '-i', 'hosts', '-e', `stamp=${stamp}`, '-v', '--no-typecheck'],
    { cwd: project.dir, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const ended = new Promise<number | null>((done) => child.once('close', done));
  // The connection stands when a lane of this run does.
  await Promise.race([
    ended,
    sh('for i in $(seq 400); do ls -d /run/play.* >/dev/null 2>&1 && break; sleep 0.02; done'),
  ]);
  await new Promise((done) => setTimeout(done, milliseconds));
  await fault.strike(child);
  const code = await ended;
  const half = await sh(
    `for f in /srv/faulted/file*; do [ "$(cut -d' ' -f1 "$f" | sort -u | wc -l) $(wc -l <"$f")" = '1 2000' ] || echo "half: $f"; done`,
  );
  await fault.fix?.();
  const again = await run(stamp);
  const settled = await run(stamp);
  const wrong = [
    code === 250 ? 'the run that was struck ended with 250' : '',
    half,
    again.code === 0 ? '' : `the next run ended with ${again.code}: ${again.stdout}${again.stderr}`,
    (await sh(
      `cat /srv/faulted/file* /srv/faulted/until /srv/faulted/slow /etc/faulted.ini | grep -vc '^${stamp}\\b\\|^stamp *= *${stamp}$\\|^\\[run\\]$\\|^$'`,
    )) === '0'
      ? ''
      : 'files of another run are left',
    (await sh('cat /srv/faulted/[fu]* /etc/faulted.ini | cmp - /root/loaded 2>&1')) === '' ? '' : 'a handler was lost',
    /changed=0 .*failed=0/.test(settled.stdout) ? '' : `the second run was not empty: ${settled.stdout}`,
    // The log of runs stays, and what was there before them.
    await sh(
      "find /srv /etc /tmp /root /var/lib/play /home/admin -name '.play-*' -o -name mark -o -path '/var/lib/play/*' ! -path /var/lib/play/log ! -path '/var/lib/play/backups*' 2>/dev/null",
    ),
    await sh('ls -d /run/play.* /dev/shm/play-*/* 2>/dev/null'),
  ].filter((line) => line !== '');
  return { wrong: wrong.length === 0 ? '' : `${wrong.join('\n')}\nthe run that was struck:\n${told}`, ended: code };
}

const run = (stamp: number): Promise<Outcome> =>
  project.play('site.ts', '-i', 'hosts', '-e', `stamp=${stamp}`, '--no-typecheck');

beforeAll(async () => {
  const { address, user, privateKeyFile, knownHostsFiles = [], hostKeyAlias } = hosts.target(host);
  project.write({
    hosts: `${host} ansible_host=${address} ansible_user=${user} ansible_ssh_private_key_file=${privateKeyFile} ansible_ssh_common_args='-o UserKnownHostsFile=${knownHostsFiles[0]} -o HostKeyAlias=${hostKeyAlias}'\n`,
  });
  await sh('mkdir -p /srv/faulted && mount -t tmpfs -o size=8m tmpfs /srv/faulted');
  const begun = performance.now();
  expect((await run(0)).code).toBe(0);
  longest = performance.now() - begun;
});

test('whatever happens to a run, the next one converges: nothing is half written, no handler is lost, nothing is left behind', async () => {
  const names = Object.keys(faults);
  const dice = new Dice(seed);
  const rounds = attackRounds('FAULT', fewRounds);
  const wrong: string[] = [];
  const codes = new Map<number | null, number>();
  for (let stamp = 1; stamp <= rounds; stamp++) {
    // What is most likely to do harm, again.
    const name = names[stamp - 1] ?? (dice.chance(0.3) ? 'play is killed' : dice.one(names));
    const fault = faults[name];
    if (fault === undefined) throw new Error(`no fault ${name}`);
    const moment = dice.below(longest);
    const came = await round(fault, moment, stamp);
    codes.set(came.ended, (codes.get(came.ended) ?? 0) + 1);
    if (came.wrong !== '') wrong.push(`seed ${seed}, round ${stamp}, ${name} after ${moment} ms: ${came.wrong}`);
  }
  tellFigures({
    kind: 'FAULT',
    name: 'runs that something happens to',
    rounds,
    lost: wrong.length,
    note: `seed ${seed}; the runs ended with ${[...codes].map(([code, count]) => `${code ?? 'a signal'}: ${count}`).join(', ')}`,
  });
  expect(wrong).toEqual([]);
}, 3_600_000);
