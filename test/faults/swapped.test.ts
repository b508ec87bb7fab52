/**
 * A folder somebody else owns, who puts links in the place of whatever appears there, as fast as they can: what root makes there
 * never gives owner, mode or content to what such a link leads to. `PLAY_RACE_ROUNDS=200` for the long form.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Connection } from '../../src/connection/index.ts';
import type { Task } from '../../src/playbook/index.ts';
import { copy, file, lineinfile } from '../../src/resources/index.ts';
import { runPlay } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('swapped');
const rounds = Number(process.env['PLAY_RACE_ROUNDS'] ?? 12);
const folder = '/srv/theirs';
let connection: Connection;

// perl without fork: a round takes some microseconds.
const swapper = `
my ($folder) = @ARGV;
chdir $folder or die;
my $n = 0;
while (1) {
  opendir(my $handle, ".") or next;
  for my $name (readdir $handle) {
    next if $name =~ /^(\\.\\.?|away.*)$/ or -l $name;
    my $victim = -d $name ? "/srv/victim.d" : "/srv/victim";
    $n++;
    rename($name, "away$n") and symlink($victim, $name);
  }
}`;

async function sh(script: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await hosts.exec('swapped', ['sh', '-c', script, 'sh', ...args]);
  if (code !== 0) throw new Error(`code ${code}: ${stderr}`);
  return stdout;
}

const victims = 'stat -c "%n %a %U %G %s" /srv/victim /srv/victim.d; cat /srv/victim; ls -A /srv/victim.d';

beforeAll(async () => {
  await sh(`useradd mallory; mkdir -p ${folder} /srv/victim.d; chown mallory ${folder}; chmod 0700 /srv/victim.d; echo secret >/srv/victim; chmod 0600 /srv/victim; printf %s "$1" >/srv/swapper.pl; systemd-run -q --unit=swapper --uid=mallory perl /srv/swapper.pl ${folder}`, swapper);
  connection = await connect(hosts.target('swapped', 'root'));
}, 300_000);
afterAll(async () => connection?.close());

const attacks: readonly (readonly [string, (round: number) => Task])[] = [
  ['a file with owner and mode', () => copy({ dest: `${folder}/copied`, content: 'content', owner: 'mallory', mode: '0666' })],
  ['a file rewritten', (round) => copy({ dest: `${folder}/copied`, content: `content ${round}`, mode: '0640' })],
  ['a line in a new file', () => lineinfile({ path: `${folder}/lines`, line: 'one', create: true, owner: 'mallory' })],
  ['a directory', () => file({ path: `${folder}/dir`, state: 'directory', owner: 'mallory', mode: '0777' })],
  ['touch', () => file({ path: `${folder}/touched`, state: 'touch', owner: 'mallory', mode: '0666', accessTime: 'preserve', modificationTime: 'preserve' })],
];

test.each(attacks)('%s', async (_, task) => {
  const before = await sh(victims);
  const seen = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    await sh(`rm -rf ${folder}/* ${folder}/.play-*`);
    const { tasks } = await runPlay({ hosts: 'all', tasks: () => [task(round)] }, { connect: async () => ({ target: connection.target, description: connection.description, lane: (become) => connection.lane(become), live: (command) => connection.live(command), close: async () => undefined }) });
    for (const one of tasks) seen.add(one.status);
    expect(await sh(victims)).toBe(before);
  }
  expect(await sh('systemctl is-active swapper')).toBe('active\n');
  expect([...seen].every((status) => ['changed', 'ok', 'failed'].includes(status))).toBe(true);
}, 600_000);
