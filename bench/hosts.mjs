// Throwaway hosts for the bench, and the files by which play, Ansible and ssh reach them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const fleet = 'bench';

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

  /** @returns names of that many hosts that are up, with python3 on the first for Ansible */
  async up(count) {
    const { startSandbox, sandboxExec } = await this.#load();
    const names = Array.from({ length: count }, (_, i) => `bench${i + 1}`);
    const missing = names.some((name) => !this.#targets.has(name));
    if (missing) {
      const isFirst = this.#targets.size === 0;
      const self = [process.execPath, join(root, 'dist/play.cjs'), 'sandbox'];
      this.#targets = await startSandbox(names, { fleet, self, onNotice: (text) => console.error(text) });
      if (isFirst) {
        const packages = 'python3 python3-apt rsync';
        const { code, stderr } = await sandboxExec(
          'bench1',
          ['sh', '-c', `apt-get update && apt-get install -y --no-install-recommends ${packages}`],
          { fleet },
        );
        if (code !== 0) throw new Error(`${packages} for what play is compared with: ${stderr}`);
      }
    }
    return names;
  }

  /** As root on a host, not over ssh. */
  async exec(name, script) {
    const { sandboxExec } = await this.#load();
    const { code, stdout, stderr } = await sandboxExec(name, ['sh', '-c', script], { fleet });
    if (code !== 0) throw new Error(`${script}: ${stderr}`);
    return stdout;
  }

  /** An inventory and an ssh_config of the first `count` hosts. */
  files(label, count, at = {}) {
    const targets = [...this.#targets.values()].slice(0, count);
    const [inventory, ssh] = ['ini', 'ssh'].map((kind) => join(this.#work, `${label}.${kind}`));
    const options = `-o IdentitiesOnly=yes -o UserKnownHostsFile=${targets[0].knownHostsFiles[0]} -o StrictHostKeyChecking=yes`;
    writeFileSync(
      inventory,
      targets
        .map(
          (one) =>
            `${one.name} ansible_host=${at.address ?? one.address} ansible_port=${at.port ?? 22} ansible_user=${one.user} ansible_ssh_private_key_file=${one.privateKeyFile} ansible_ssh_common_args='${options} -o HostKeyAlias=${one.hostKeyAlias}' ansible_python_interpreter=/usr/bin/python3\n`,
        )
        .join(''),
    );
    writeFileSync(
      ssh,
      targets
        .map(
          (one) =>
            `Host ${one.name}\n HostName ${at.address ?? one.address}\n Port ${at.port ?? 22}\n User ${one.user}\n IdentityFile ${one.privateKeyFile}\n IdentitiesOnly yes\n HostKeyAlias ${one.hostKeyAlias}\n UserKnownHostsFile ${one.knownHostsFiles[0]}\n`,
        )
        .join(''),
    );
    return { inventory, ssh };
  }

  /** The first host at the end of a long way, as long as `work` takes. @param milliseconds of a round trip */
  async farAway(milliseconds, work) {
    const [first] = this.#targets.values();
    const link = spawn(process.execPath, [join(here, 'slow-link.mjs'), first.address, '22', String(milliseconds)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [port] = await once(link.stdout, 'data');
      await work(this.files(`far${milliseconds}`, 1, { address: '127.0.0.1', port: Number(port) }));
    } finally {
      link.kill();
    }
  }

  async remove() {
    if (this.#sandbox) await this.#sandbox.removeSandbox(undefined, { fleet });
  }
}
