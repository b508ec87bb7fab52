/** The host lock believes nobody but root and the account itself: not files others put where ours would be. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Connection, type Lane } from '../../src/connection/index.ts';
import { lockScript } from '../../src/run/lock-script.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('forged');
let connections: Connection[];

const sh = async (script: string): Promise<string> => (await hosts.exec('forged', ['sh', '-c', script])).stdout.trim();
const as = async (user: string, script: string): Promise<string> => sh(`runuser -u ${user} -- sh -c '${script}'`);
const take = async (lane: Lane, run: string, how = ''): Promise<{ code: number; said: string }> => {
  const [reply] = await lane.exchange([{ script: lockScript, args: [run, `{"by":"${run}"}`, how], timeout: 60 }]);
  return { code: reply?.code ?? -1, said: `${reply?.stdout.toString() ?? ''}${reply?.stderr.toString() ?? ''}`.trim() };
};

beforeAll(async () => {
  connections = await Promise.all(
    (['root', 'root', 'admin', 'admin'] as const).map((user) => connect(hosts.target('forged', user))),
  );
  await sh('id mallory >/dev/null 2>&1 || useradd mallory');
});
afterAll(async () => {
  await Promise.all((connections ?? []).map((one) => one.close()));
});

const laneOf = async (at: number): Promise<Lane> => {
  const connection = connections[at];
  if (connection === undefined) throw new Error('no connection');
  return await connection.lane();
};

test.each([
  ['process 1', '/tmp/play.1.abcdef'],
  ['a process of root', '/dev/shm/play.1.abcdef'],
  ['a process of their own', '/tmp/play.$pid.abcdef'],
])('a copied mark that names %s holds nothing, and --steal ends nothing', async (_, folder) => {
  await sh(
    'rm -rf /run/play /tmp/play.* /dev/shm/play.*; mkdir -m 700 /run/play; ln -s "99999 1 dead-run {}" /run/play/lock',
  );
  const pid = await as('mallory', 'sleep 300 >/dev/null 2>&1 & echo $!');
  await as('mallory', `pid=${pid}; mkdir ${folder}; echo dead-run >${folder}/run`);
  expect(await take(await laneOf(0), 'next-run', 'steal')).toEqual({ code: 0, said: '' });
  expect(await sh(`kill -0 1 && kill -0 ${pid} && ps -o comm= -p 1`)).toMatch(/systemd|init/);
});

test('a folder that somebody else made in the place of ours does not block, nor lets two runs in', async () => {
  const uid = await sh('id -u admin');
  await sh(`rm -rf /dev/shm/play-${uid} /tmp/play-${uid}`);
  await as('mallory', `mkdir -m 777 /dev/shm/play-${uid}`);
  const [first, second] = [await laneOf(2), await laneOf(3)];
  expect(await take(first, 'one')).toEqual({ code: 0, said: '' });
  expect((await take(second, 'two')).code).toBe(75);
  // It goes away again: the other folder is free then, and the host is not.
  await sh(`rm -rf /dev/shm/play-${uid}`);
  expect(await take(second, 'two')).toEqual({ code: 75, said: '{"by":"one"}' });
  await sh(`rm -rf /dev/shm/play-${uid}`);
  expect((await take(second, 'two', 'steal')).code).toBe(75);
});

test('--steal ends the lane that holds the host, and what it runs', async () => {
  await sh('rm -rf /run/play');
  const [holder, thief] = [await laneOf(0), await laneOf(1)];
  expect((await take(holder, 'holder')).code).toBe(0);
  const work = holder.exchange([{ script: 'sleep 987 & sleep 987' }]).catch(() => 'ended');
  await expect.poll(() => sh('pgrep -fc "sleep 98[7]"')).toBe('2');
  expect((await take(thief, 'thief')).code).toBe(75);
  expect((await take(thief, 'thief', 'steal')).code).toBe(0);
  expect(await work).toBe('ended');
  await expect.poll(() => sh('pgrep -fc "sleep 98[7]"; true')).toBe('0');
});
