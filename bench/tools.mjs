// What play is compared with: installed where it is missing, and the versions of all.
import { cpus, release } from 'node:os';
import { run, sh } from './measure.mjs';
import { ansibleDefault, ansibleMitogen, ansiblePipelining } from './rivals/ansible.mjs';
import { bundlewrap } from './rivals/bundlewrap.mjs';
import { fabric } from './rivals/fabric.mjs';
import { itamae } from './rivals/itamae.mjs';

export const rivals = [ansiblePipelining, ansibleDefault, ansibleMitogen, bundlewrap, itamae, fabric];

/** Debian packages beside those of the rivals. */
const others = ['openssh-client', 'rsync'];

/**
 * Installs what is missing, each by itself: what cannot be had is a column less.
 *
 * @returns why a package is missing, by its name
 */
export async function install() {
  const packages = [...new Set([...others, ...rivals.flatMap((one) => one.packages)])];
  const missing = new Map();
  let isFresh = false;
  for (const name of packages) {
    if ((await versionOf(name)) !== undefined) continue;
    console.error(`installing ${name} to compare with`);
    const update = isFresh ? '' : 'apt-get update && ';
    const get = 'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends';
    try {
      await sh(`${update}${get} ${name}`, [], { limit: 300 });
      isFresh = true;
    } catch (error) {
      const why = error.message.split('\n').findLast((line) => line.startsWith('E: ')) ?? 'apt-get install failed';
      missing.set(name, `${name} cannot be installed (${why})`);
    }
  }
  return missing;
}

/** The version of a Debian package; undefined where it is not installed. */
async function versionOf(name) {
  const { stdout } = await run('dpkg-query', ['-W', '-f', '${Status} ${Version}', name], { codes: [0, 1] });
  return /^install ok installed (.+)$/.exec(stdout)?.[1];
}

/** By name: play, node, and all packages that it is compared with. */
export async function versions(play) {
  const all = {
    play: (await run(play, ['--version'])).stdout.trim().replace(/, \/[^)]*(?=\))/, ''),
    node: process.version,
  };
  for (const name of new Set([...others, ...rivals.flatMap((one) => one.packages)])) {
    const version = await versionOf(name);
    if (version !== undefined) all[name] = version;
  }
  return all;
}

/** How each is called, by the name its version goes by. */
export const commands = {
  'play': 'play PLAYBOOK -i INVENTORY, with --persist 60 for the run after a run',
  'node': 'node -e 0',
  'openssh-client': 'ssh -F FILE HOST true; scp -q -F FILE',
  'rsync': "rsync -a --checksum -e 'ssh -F FILE'",
  ...Object.fromEntries(rivals.toReversed().map((one) => [one.packages.at(-1), one.command])),
};

export function machine() {
  return { processors: cpus().length, model: cpus()[0]?.model.trim(), kernel: release() };
}
