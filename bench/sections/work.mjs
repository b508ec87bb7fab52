// One host with work to do: many tasks, many small files, a large one, a tree.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, sh } from '../measure.mjs';
import { rivalWay, starts } from './one-host.mjs';

let stamps = Date.now();

/** A hundred small files of a content that was never there. */
const newFiles = () => {
  const stamp = stamps++;
  return Array.from({ length: 100 }, (_, i) => ({
    kind: 'file',
    path: `/srv/file${i + 1}`,
    content: `This is file ${i + 1} of ${stamp}.\n`,
    mode: '0644',
  }));
};

export async function files(bench) {
  const { hosts, results, missing } = bench;
  await hosts.up(1);
  const at = hosts.files('one', 1);
  const play = () => starts(bench, 'files.ts', at.inventory, '-e', `stamp=${stamps++}`)();
  await play();
  const ways = bench.rivals.map((rival) => {
    const folder = bench.folderOf(`files ${rival.name}`);
    return rivalWay(rival, missing, () => () => rival.write(newFiles(), { ...at, folder, host: 'bench1' })());
  });
  await results.compare('one host, 100 small files, first run', [{ name: 'play', once: play }, ...ways], 'play');
}

export async function tasks(bench) {
  const { hosts, results } = bench;
  await hosts.up(1);
  const { inventory } = hosts.files('one', 1);
  const many = (count, ...more) => starts(bench, 'many.ts', inventory, '-e', `tasks=${count}`, ...more);
  await many(1000)();
  const rows = await results.compare('converged tasks of one host', [
    { name: 'play, 100 tasks', once: many(100) },
    { name: 'play, 1,000 tasks', once: many(1000) },
  ]);
  const [few, all] = [rows['play, 100 tasks'], rows['play, 1,000 tasks']];
  results.reached('slope', ((all.seconds - few.seconds) / 900) * 1000);
  const exchanges = async (count) => {
    const { stdout } = await many(count, '-vvv', '--output', 'jsonl')();
    return stdout.split('\n').filter((line) => line.startsWith('{"event":"sent"')).length;
  };
  const [ofFew, ofAll] = [await exchanges(100), await exchanges(1000)];
  results.reached('exchanges', ofAll - ofFew, `${ofAll} and ${ofFew}`);
}

export async function thousand(bench) {
  const { hosts, results } = bench;
  await hosts.up(1);
  await hosts.farAway(26, async ({ inventory }) => {
    const fresh = (count) => () =>
      starts(
        bench,
        'many.ts',
        inventory,
        '-e',
        `tasks=${count}`,
        '-e',
        'kind=files',
        '-e',
        `folder=/srv/many${stamps++}`,
      )();
    await fresh(2)();
    const rows = await results.compare('1,000 small files, first run, over a link of 26 ms', [
      { name: 'play', once: fresh(1001) },
    ]);
    results.reached('thousand', rows.play.seconds);
  });
}

export async function large(bench) {
  const { hosts, results, work } = bench;
  await hosts.up(1);
  const { inventory, ssh } = hosts.files('one', 1);
  const src = join(work, 'large');
  await sh('head -c 500000000 /dev/urandom >"$1"', [src]);
  const play = starts(bench, 'large.ts', inventory, '-e', `src=${src}`, '-e', 'dest=/srv/large');
  // Another file each time, so that all of it travels.
  const changed = (once) => () => (appendFileSync(src, 'x'), once());
  const scp = () => run('scp', ['-q', '-F', ssh, src, 'bench1:/var/tmp/large-scp']);
  await scp();
  await play();
  const rows = await results.compare(
    'a file of 500 MB',
    [
      { name: 'scp', once: changed(scp) },
      { name: 'play', once: changed(play) },
    ],
    'scp',
  );
  results.reached('large', rows.play.ratio, 'play also reads it back and has it on disk');
  results.reached('largeMemory', rows.play.memory);
}

export async function tree(bench) {
  const { hosts, results, work } = bench;
  await hosts.up(1);
  const { inventory, ssh } = hosts.files('one', 1);
  const src = join(work, 'tree');
  for (let n = 0; n < 5000; n++) {
    const folder = join(src, `folder${n % 50}`);
    if (n < 50) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file${n}`), `This is file ${n}.\n`);
  }
  const changed = (once) => () => {
    for (let n = 0; n < 10; n++) appendFileSync(join(src, `folder${n}`, `file${n}`), `${stamps++}\n`);
    return once();
  };
  const play = starts(bench, 'large.ts', inventory, '-e', `src=${src}`, '-e', 'dest=/srv/tree', '-e', 'tree=yes');
  const checksums = ['-a', '--checksum', '-e', `ssh -F ${ssh}`, `${src}/`, 'bench1:/srv/tree-rsync/'];
  const rsync = () => run('rsync', ['--rsync-path', 'sudo rsync', ...checksums]);
  await results.compare('a tree of 5,000 files, first run', [
    { name: 'play', once: play, rounds: 1 },
    { name: 'rsync', once: rsync, rounds: 1 },
  ]);
  const rows = await results.compare(
    'a tree of 5,000 files, 10 of them changed',
    [
      { name: 'rsync --checksum', once: changed(rsync) },
      { name: 'play', once: changed(play) },
    ],
    'rsync --checksum',
  );
  results.reached('tree', rows.play.ratio, 'rsync with --checksum: play goes by contents, too');
}
