// Throwaway hosts for the bench, and the files by which play, ssh and all others reach them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
export const fleet = process.env.PLAY_SANDBOX_FLEET || 'bench';

/** What those it is compared with need on a host: Ansible's Python, and the other end of rsync. */
const packages = 'python3 python3-apt rsync file';

export class Hosts {
  #sandbox;
  #targets = new Map();
  #work;

  /** @param work a folder for files */
  constructor(work) {
    this.#work = work;
  }

  async #load() {
    if (this.#sandbox) return this.#sandbox;
    const bundle = join(root, 'node_modules/.cache/play/bench-sandbox.mjs');
    await build({
      entryPoints: [join(root, 'src/sandbox/index.ts')],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
    });
    return (this.#sandbox = await import(pathToFileURL(bundle).href));
  }

  get #options() {
    const self = [process.execPath, join(root, 'dist/play.cjs'), 'sandbox'];
    return { fleet, self, onNotice: (text) => console.error(text) };
  }

  /** @returns names of that many hosts that are up, the first with what others need there */
  async up(count) {
    const names = Array.from({ length: count }, (_, i) => `bench${i + 1}`);
    if (names.some((name) => !this.#targets.has(name))) {
      const { startSandbox } = await this.#load();
      const isFirst = !this.#targets.has('bench1');
      for (const [name, target] of await startSandbox(names, this.#options)) this.#targets.set(name, target);
      if (isFirst)
        await this.exec('bench1', `apt-get update && apt-get install -y --no-install-recommends ${packages}`);
    }
    return names;
  }

  /** A host as new, under a name of its own. */
  async fresh(name) {
    const { startSandbox, resetSandbox } = await this.#load();
    const start = this.#targets.has(name) ? resetSandbox : startSandbox;
    for (const [key, target] of await start([name], this.#options)) this.#targets.set(key, target);
  }

  target(name) {
    return this.#targets.get(name);
  }

  /** As root on a host, not over ssh. @returns what it printed */
  async exec(name, script) {
    const { sandboxExec } = await this.#load();
    const { code, stdout, stderr } = await sandboxExec(name, ['sh', '-c', script], { fleet });
    if (code !== 0) throw new Error(`${name}: ${script}: ${stderr}`);
    return stdout;
  }

  /** An inventory and an ssh_config of the first `count` hosts, and where the first one is. */
  files(label, count, at = {}) {
    const targets = Array.from({ length: count }, (_, i) => this.#targets.get(`bench${i + 1}`)).map((one) => ({
      name: one.name,
      address: at.address ?? one.address,
      port: at.port ?? 22,
      user: one.user,
      key: one.privateKeyFile,
      hostKeys: hostKeysOf(one),
    }));
    return { ...reached(this.#work, label, targets), targets };
  }

  /** The first host at the end of a long way, as long as `work` takes. @param milliseconds of a round trip */
  async farAway(milliseconds, work) {
    const first = this.#targets.get('bench1');
    const { port, end } = await slowLink(first.address, 22, milliseconds);
    try {
      return await work(this.files(`far${milliseconds}`, 1, { address: '127.0.0.1', port }));
    } finally {
      end();
    }
  }

  /** Removes all but the first `count` hosts. */
  async keep(count) {
    const { removeSandbox } = await this.#load();
    const kept = Array.from({ length: count }, (_, i) => `bench${i + 1}`);
    const others = [...this.#targets.keys()].filter((name) => !kept.includes(name));
    if (others.length > 0) await removeSandbox(others, { fleet });
    for (const name of others) this.#targets.delete(name);
  }

  async remove() {
    if (this.#sandbox) await this.#sandbox.removeSandbox(undefined, { fleet });
  }
}

/** A port of this machine that leads to another one by a long way. */
export async function slowLink(address, to, milliseconds) {
  const link = spawn(process.execPath, [join(here, 'slow-link.mjs'), address, String(to), String(milliseconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(link.stdout, 'data');
  return { port: Number(port), end: () => link.kill() };
}

/** The lines of known_hosts for a host, without its names. */
function hostKeysOf({ knownHostsFiles: [file], hostKeyAlias }) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([names, ...key]) => (names.split(',').includes(hostKeyAlias) ? [key.join(' ')] : []));
}

/** Writes an inventory, an ssh_config and a known_hosts file for targets. @returns their names */
export function reached(folder, label, targets) {
  const [inventory, ssh, known] = ['ini', 'ssh', 'known_hosts'].map((kind) => join(folder, `${label}.${kind}`));
  const [{ user, key }] = targets;
  writeFileSync(
    known,
    targets
      .flatMap(({ address, port, hostKeys }) =>
        hostKeys.map((one) => `${port === 22 ? address : `[${address}]:${port}`} ${one}\n`),
      )
      .join(''),
  );
  writeFileSync(
    inventory,
    [
      ...targets.map(({ name, address, port }) => `${name} ansible_host=${address} ansible_port=${port}`),
      '[all:vars]',
      `ansible_user=${user}`,
      `ansible_ssh_private_key_file=${key}`,
      `ansible_ssh_common_args='-o IdentitiesOnly=yes -o UserKnownHostsFile=${known} -o StrictHostKeyChecking=yes'`,
      'ansible_python_interpreter=/usr/bin/python3',
      '',
    ].join('\n'),
  );
  writeFileSync(
    ssh,
    [
      ...targets.map(({ name, address, port }) => `Host ${name}\n HostName ${address}\n Port ${port}\n`),
      `Host *\n User ${user}\n IdentityFile ${key}\n IdentitiesOnly yes\n UserKnownHostsFile ${known}\n`,
    ].join(''),
  );
  return { inventory, ssh };
}
