// `npm run bench`: play beside ssh, scp, rsync, Ansible, Mitogen, BundleWrap, Itamae and Fabric on the same throwaway
// hosts, in turn. Prints medians and ratios. Needs root for the sandbox; installs what it compares with from Debian,
// after saying so, and leaves out what cannot be had. It ends by itself: each command has a limit, and so has the whole.
//
//   npm run bench -- --only converged,persist    these sections alone
//   npm run bench -- --rounds 5                  measurements of each (default 3; fewer of what takes long)
//   npm run bench -- --minutes 25                then what is left is not measured, and said so
//   npm run bench -- --endpoints 50              SSH servers of the section of that name (default 500), to try it
//   npm run bench -- --profile DIR               leaves V8's profiles of play there, and measures with them
//   npm run bench -- --write                     into docs/performance.md, .json and .svg; on a quiet machine
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Hosts } from './hosts.mjs';
import { run, stop } from './measure.mjs';
import { Results } from './results.mjs';
import { sections } from './sections/index.mjs';
import { folderBelow } from './sections/one-host.mjs';
import { commands, install, machine, rivals, versions } from './tools.mjs';
import { write } from './write.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '25' },
    endpoints: { type: 'string', default: '500' },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const names = values.only?.split(',') ?? Object.keys(sections);
const unknown = names.filter((name) => !Object.hasOwn(sections, name));
if (unknown.length > 0)
  throw new Error(`no section ${unknown.join(', ')}; there are: ${Object.keys(sections).join(', ')}`);
if (values.write && (values.endpoints !== '500' || values.profile !== undefined))
  throw new Error('what is written is of 500 endpoints, and without profiles');
if (process.getuid() !== 0) throw new Error('the throwaway hosts need root');

const started = performance.now();
const minutes = () => (performance.now() - started) / 60_000;
let whyOver;
const end = (why) => {
  whyOver ??= why;
  stop(whyOver);
};
const deadline = setTimeout(() => end(`${values.minutes} minutes were over`), Number(values.minutes) * 60_000);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end('it was stopped'));

const work = mkdtempSync(join(tmpdir(), 'play-bench-'));
const hosts = new Hosts(work);
const results = new Results(Number(values.rounds), () => whyOver !== undefined);
const play = join(root, 'play');
try {
  await run(play, ['--version']);
  const missing = await install();
  const bench = {
    hosts,
    results,
    work,
    play,
    root,
    playbooks: join(here, 'playbooks'),
    rivals,
    count: Number(values.endpoints),
    profile: values.profile,
    missing,
    folderOf: folderBelow(work),
  };
  for (const name of names) {
    const from = minutes();
    try {
      if (whyOver !== undefined) throw new Error(whyOver);
      await sections[name](bench);
    } catch (error) {
      results.failed[name] = whyOver ?? error.message;
      console.log(`\n${name}: not measured: ${results.failed[name]}`);
    }
    console.log(`  (${name}: ${(minutes() - from).toFixed(1)} min)`);
  }
} finally {
  clearTimeout(deadline);
  stop(undefined);
  await hosts.remove();
  rmSync(work, { recursive: true, force: true });
}
console.log('');
for (const { work: what, target, value, isMet } of results.targets)
  console.log(`${value === undefined ? '      -' : isMet ? 'met    ' : 'MISSED '} ${what}: ${target}`);
if (values.write) {
  const measured = new Date().toISOString().slice(0, 10);
  const about = { measured, minutes: Math.ceil(minutes()), rounds: Number(values.rounds), machine: machine() };
  write(join(root, 'docs', 'performance'), results, { ...about, versions: await versions(play), commands });
}
process.exitCode = Object.keys(results.failed).length > 0 ? 1 : 0;
