// Many hosts at once, and long inventories.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Endpoints } from '../endpoints.mjs';
import { run, sh } from '../measure.mjs';
import { starts } from './one-host.mjs';

export async function inventory({ results, play, work, missing }) {
  const many = join(work, 'many');
  writeFileSync(many, '[web]\nweb[00001:10000].example.org\n[all:vars]\nx=1\n');
  const why = missing.get('ansible-core');
  await results.compare(
    'inventory of 10,000 hosts',
    [
      { name: 'play', once: () => run(play, ['inventory', '-i', many, '--hosts'], { cwd: work }) },
      {
        name: 'ansible-inventory --list',
        rounds: 1,
        once: () => run('ansible-inventory', ['-i', many, '--list']),
        ...(why === undefined ? {} : { missing: why }),
      },
    ],
    'play',
  );
}

export async function twenty(bench) {
  const { hosts, results } = bench;
  const names = await hosts.up(20);
  const { inventory, ssh } = hosts.files('twenty', 20);
  const play = starts(bench, 'mixed.ts', inventory, '-f', '20');
  await play();
  const script = `for h in ${names.join(' ')}; do ssh -F "$1" "$h" true & done; wait`;
  const rows = await results.compare(
    '20 hosts at once, 100 mixed tasks, converged',
    [
      { name: '20 times ssh HOST true', once: () => sh(script, [ssh]) },
      { name: 'play', once: play },
    ],
    '20 times ssh HOST true',
  );
  results.reached('twenty', rows.play.ratio);
  // What comes after needs the processors for itself.
  await hosts.keep(1);
}

const tasksOfEach = 4;

export async function endpoints(bench) {
  const { hosts, results, work, count } = bench;
  const few = Math.round(count / 5);
  const servers = new Endpoints(hosts, work);
  await servers.start(count);
  const all = servers.files('endpoints', count);
  const some = servers.files('few', few);
  const four = (inventory, ...more) => starts(bench, 'four.ts', inventory, '-f', String(count), ...more);
  await four(all.inventory)();
  // OpenSSH has a process for each, so not all at once.
  const logIns = `printf '%s\\n' ${all.names.join(' ')} | xargs -P 20 -I HOST ssh -F "$1" HOST true`;
  const rows = await results.compare(
    `${count} SSH endpoints, 4 resources, converged`,
    [
      { name: 'ssh ENDPOINT true, 20 at once', once: () => sh(logIns, [all.ssh]), rounds: 2 },
      { name: `play, ${few} endpoints`, once: four(some.inventory) },
      { name: 'play', once: four(all.inventory) },
      {
        name: 'play: the last but two',
        once: lastOf(four(all.inventory, '--output', 'jsonl'), all.names.slice(0, -2)),
      },
      {
        name: 'play: that with one hung, one slow',
        once: () =>
          servers.withTrouble('trouble', count, ({ inventory: troubled, names }, lame) =>
            lastOf(
              four(troubled, '--output', 'jsonl', '-T', '8'),
              names.filter((name) => !lame.includes(name)),
            )(),
          ),
      },
    ],
    'play: the last but two',
  );
  results.reached('endpoints', rows.play.seconds, `of that ${rows.play.processor.toFixed(1)} s processor time of play`);
  results.reached('endpointsMemory', rows.play.memory);
  results.reached('endpointsDelay', rows['play: that with one hung, one slow'].ratio);
  results.reached('memory', (rows.play.memory - rows[`play, ${few} endpoints`].memory) / (count - few));
  await hosts.keep(1);
}

/** Gives the seconds until the last of these hosts had all its tasks, however long the run goes on for others. */
function lastOf(once, names) {
  return async () => {
    const left = new Map(names.map((name) => [name, tasksOfEach]));
    let seconds;
    const onLine = (line, since) => {
      const { event, host, status } = JSON.parse(line);
      if (event !== 'task' || !left.has(host)) return;
      if (status !== 'ok') throw new Error(`${host}: ${line}`);
      left.set(host, left.get(host) - 1);
      if (left.get(host) === 0) left.delete(host);
      if (left.size === 0) seconds ??= since;
    };
    const { memory } = await once({ onLine, codes: [0, 4] });
    if (seconds === undefined)
      throw new Error(`${left.size} hosts were not done: ${[...left.keys()].slice(0, 5).join(', ')}`);
    return { seconds, memory };
  };
}
