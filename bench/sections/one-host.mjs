// One host that is right already: from start-up to a link of 100 ms.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../measure.mjs';
import { clearMixed, mixedDigest, mixedTasks } from '../mixed-tasks.mjs';

/** Starts play with a playbook of the bench; where a profile is asked for, Node by itself, which writes it. */
export const starts =
  ({ play, root, playbooks, work, profile }, playbook, inventory, ...more) =>
  (options) => {
    const [command, ...first] =
      profile === undefined
        ? [play]
        : [process.execPath, '--cpu-prof', `--cpu-prof-dir=${profile}`, join(root, 'dist/play.cjs')];
    return run(command, [...first, join(playbooks, playbook), '-i', inventory, ...more], { cwd: work, ...options });
  };

/** @returns a way that `missing` tells of where the rival is not to be had, else what `write` gives */
export function rivalWay(rival, missing, write) {
  const why = rival.packages.map((name) => missing.get(name)).find((one) => one !== undefined);
  return { name: rival.name, ...(why === undefined ? { once: write() } : { missing: why }) };
}

export async function startup(bench) {
  const { hosts, results, playbooks } = bench;
  await hosts.up(1);
  const { inventory } = hosts.files('one', 1);
  const list = starts(bench, 'mixed.ts', inventory, '--list-tasks');
  await list();
  const [ansible] = bench.rivals;
  const listsOf = () => {
    const playbook = join(bench.folderOf('list'), 'playbook.yml');
    ansible.write(mixedTasks, { inventory, folder: bench.folderOf('list') });
    return () => run('ansible-playbook', [playbook, '-i', inventory, '--list-tasks'], { cwd: playbooks });
  };
  const rows = await results.compare(
    'start-up: --list-tasks of 100 tasks',
    [
      { name: 'node -e 0', once: () => run(process.execPath, ['-e', '0']) },
      { name: 'play', once: list },
      { ...rivalWay(ansible, bench.missing, listsOf), name: 'ansible-playbook' },
    ],
    'node -e 0',
  );
  results.reached('startup', rows.play.ratio);
}

export async function converged(bench) {
  const { hosts, results, missing } = bench;
  await hosts.up(1);
  const at = hosts.files('one', 1);
  const ours = starts(bench, 'mixed.ts', at.inventory);
  const treeLeftBy = async (once) => {
    await hosts.exec('bench1', clearMixed);
    await once();
    return await hosts.exec('bench1', mixedDigest);
  };
  const digest = await treeLeftBy(ours);
  const ways = [];
  for (const rival of bench.rivals) {
    const folder = bench.folderOf(`mixed ${rival.name}`);
    const way = rivalWay(rival, missing, () => rival.write(mixedTasks, { ...at, folder, host: 'bench1' }));
    if (way.once !== undefined) {
      const other = await treeLeftBy(way.once).then(
        (one) => (one === digest ? undefined : 'it leaves another tree than play'),
        (error) => `it failed (${error.message.split('\n').findLast((line) => line.trim() !== '')})`,
      );
      if (other !== undefined) way.missing = other;
    }
    ways.push(way);
  }
  const rows = await results.compare(
    'one host, 100 mixed tasks, converged',
    [
      sshTrue(at.ssh),
      { name: 'play', once: ours },
      { name: 'play, check mode', once: starts(bench, 'mixed.ts', at.inventory, '-C') },
      ...ways,
    ],
    'ssh HOST true',
  );
  results.reached('converged', rows.play.ratio);
}

const sshTrue = (ssh) => ({ name: 'ssh HOST true', once: () => run('ssh', ['-F', ssh, 'bench1', 'true']) });

/** Runs that come within a minute of another. */
async function kept(bench, inventory) {
  const once = starts(bench, 'mixed.ts', inventory, '--persist', '60');
  const told = starts(bench, 'mixed.ts', inventory, '--persist', '60', '-v');
  // The keeper of the run before logs in once that is over.
  for (let tried = 0; tried < 50; tried++) if ((await told()).stdout.includes('kept since the last run')) return once;
  throw new Error('no connection was kept');
}

export async function persist(bench) {
  const { hosts, results } = bench;
  await hosts.up(1);
  const { inventory, ssh } = hosts.files('one', 1);
  const once = await kept(bench, inventory);
  const check = starts(bench, 'mixed.ts', inventory, '--persist', '60', '-C');
  const rows = await results.compare(
    'the run after a run, 100 mixed tasks, converged',
    [sshTrue(ssh), { name: 'play -C', once: check }, { name: 'play', once }],
    'ssh HOST true',
  );
  results.reached('again', rows.play.ratio);
  results.reached('againCheck', rows['play -C'].ratio);
}

export async function far(bench) {
  const { hosts, results, missing } = bench;
  await hosts.up(1);
  const near = hosts.files('one', 1);
  await starts(bench, 'mixed.ts', near.inventory)();
  await hosts.farAway(100, async (at) => {
    const [, , mitogen] = bench.rivals;
    const write = () => mitogen.write(mixedTasks, { ...at, folder: bench.folderOf('far'), host: 'bench1' });
    // The link is a process that starts cold, too.
    await run('ssh', ['-F', at.ssh, 'bench1', 'true']);
    const rows = await results.compare(
      '100 mixed tasks, converged, over a link of 100 ms round trip',
      [
        sshTrue(at.ssh),
        { name: 'play', once: starts(bench, 'mixed.ts', at.inventory) },
        { name: 'play, without the link', once: starts(bench, 'mixed.ts', near.inventory) },
        { name: 'play, the run after a run', once: await kept(bench, at.inventory) },
        { name: 'play, that without the link', once: await kept(bench, near.inventory) },
        rivalWay(mitogen, missing, write),
      ],
      'ssh HOST true',
    );
    const trips = (name, without) => (rows[name].seconds - rows[without].seconds) / 0.1;
    const how = 'by time: with the link less without it';
    results.reached('far', rows.play.ratio);
    results.reached('farTrips', trips('play', 'play, without the link'), how);
    results.reached('againTrips', trips('play, the run after a run', 'play, that without the link'), how);
  });
}

/** A folder of its own for what a rival is given. */
export function folderBelow(work) {
  return (name) => {
    const folder = join(work, name.replaceAll(/\W+/g, '-'));
    mkdirSync(folder, { recursive: true });
    return folder;
  };
}
