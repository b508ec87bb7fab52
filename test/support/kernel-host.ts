/**
 * A host that has a kernel of its own, with device mapper, md and disks: what throwaway hosts have not, as they share this
 * machine's. Linux as a process (Debian's user-mode-linux) starts on the root of a throwaway host, and is reached by
 * OpenSSH over its serial lines.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { afterAll, beforeAll } from 'vitest';
import { connect, type Connection, type Target } from '../../src/connection/index.ts';
import type { LawHost } from './laws.ts';
import { useHosts } from './sandbox.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Where the package lies, if it is unpacked somewhere else than installed. */
const root = process.env.PLAY_TEST_KERNEL ?? '/';
const kernel = join(root, 'usr/bin/linux.uml');
const modules = join(root, 'usr/lib/uml/modules');

/** Why there can be none here; undefined where there can. */
export function whyNoKernel(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can start a kernel on the root of a throwaway host';
  return existsSync(kernel) ? undefined : `there is no ${kernel} (Debian's user-mode-linux)`;
}

/** Each serial line serves one connection after another. */
const lines = 4;

// What PID 1 of that kernel does. Nothing of the throwaway host's /run, /tmp and /dev is used.
const init = `#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts pts /dev/pts
for d in /run /tmp /var/tmp; do mount -t tmpfs -o mode=1777 tmp $d; done
chmod 755 /run
mkdir -p /run/lock /run/sshd /run/systemd
mount -t hostfs -o ${modules} none /lib/modules
for m in dm-mod dm-snapshot raid0 raid1 raid456; do modprobe $m; done
/lib/systemd/systemd-udevd --daemon
udevadm trigger
udevadm settle
i=0
while [ $i -lt ${lines} ]; do
  stty -F /dev/ttyS$i raw -echo
  (while :; do /usr/sbin/sshd -i -o UseDNS=no -o UsePAM=no -o PermitRootLogin=yes </dev/ttyS$i >/dev/ttyS$i 2>/dev/null; done) &
  i=$((i + 1))
done
echo the host is up
wait
`;

const install =
  'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qqy --no-install-recommends "$@" >&2';

/** One connection at a time to one of the kernel's serial lines; what the line says in between waits. */
class SerialLine {
  readonly #line: Duplex;
  #waiting: Buffer[] = [];
  #client: Socket | undefined;

  constructor(line: Duplex) {
    this.#line = line;
    line.on('data', (chunk: Buffer) => (this.#client ? this.#client.write(chunk) : this.#waiting.push(chunk)));
    line.on('error', () => undefined);
  }

  get isFree(): boolean {
    return this.#client === undefined;
  }

  serve(client: Socket): void {
    this.#client = client;
    for (const chunk of this.#waiting.splice(0)) client.write(chunk);
    client.on('data', (chunk) => this.#line.write(chunk));
    client.on('error', () => undefined);
    client.on('close', () => (this.#client = undefined));
  }
}

/**
 * A Debian host of this name on a kernel of its own, with these packages, and with empty disks `/dev/ubdb`, `/dev/ubdc`
 * and so on.
 *
 * @param disks their sizes in MiB
 */
export function useKernelHost(name: string, packages: readonly string[], disks: readonly number[]): LawHost {
  const hosts = useHosts(name);
  const folder = temporaryFolder('kernel');
  let running: ChildProcess | undefined;
  let server: Server | undefined;
  let connection: Promise<Connection> | undefined;
  const socket = join(folder, 'serial');

  const target = (): Target => ({
    ...hosts.target(name, 'root'),
    transport: 'openssh',
    sshArgs: ['-o', `ProxyCommand=${process.execPath} ${join(folder, 'to-serial.mjs')} ${socket}`],
    connectTimeout: 120,
  });

  const host: LawHost = {
    connection: () => (connection ??= connect(target())),
    async sh(script, ...args) {
      const lane = await (await host.connection()).lane();
      const [reply] = await lane.exchange([{ script, args }]);
      if (reply?.code !== 0) throw new Error(`code ${reply?.code}: ${reply?.stderr.toString()}\n${script}`);
      return reply.stdout.toString();
    },
    watched: ['/etc'],
  };

  beforeAll(async () => {
    const done = await hosts.exec(name, ['sh', '-c', install, 'sh', ...packages]);
    if (done.code !== 0) throw new Error(done.stderr);
    const at = hosts.rootPath(name);
    writeFileSync(join(at, 'kernel-host'), init, { mode: 0o755 });
    mkdirSync(join(at, 'lib/modules'), { recursive: true });
    writeFileSync(
      join(folder, 'to-serial.mjs'),
      `import { connect } from 'node:net';\nconst s = connect(process.argv[2]);\nprocess.stdin.pipe(s).pipe(process.stdout);\n`,
    );
    const images = disks.map((size, i) => {
      const image = join(folder, `disk${i}`);
      writeFileSync(image, '');
      truncateSync(image, size * 1024 ** 2);
      return `ubd${String.fromCharCode(98 + i)}=${image}`;
    });
    running = spawn(
      kernel,
      [
        'mem=256M',
        'quiet',
        'con=null',
        'con0=null,fd:1',
        'rootfstype=hostfs',
        `rootflags=${at}`,
        'rw',
        'init=/kernel-host',
        `uml_dir=${folder}/`,
        ...images,
        ...Array.from({ length: lines }, (_, i) => `ssl${i}=fd:${i + 3}`),
      ],
      { stdio: ['ignore', 'pipe', 'pipe', ...Array.from({ length: lines }, () => 'pipe' as const)], detached: true },
    );
    const serial = running.stdio.slice(3).flatMap((one) => (one instanceof Duplex ? [new SerialLine(one)] : []));
    server = createServer((client) => {
      const free = serial.find((line) => line.isFree);
      if (free === undefined) client.destroy();
      else free.serve(client);
    }).listen(socket);
    await isUp(running);
  }, 600_000);

  afterAll(async () => {
    await (await connection)?.close();
    server?.close();
    // It has a process for each of its own, all in one group.
    if (running?.pid !== undefined && running.exitCode === null) process.kill(-running.pid, 'SIGKILL');
  });

  return host;
}

/** Until the kernel's PID 1 says so. */
function isUp(kernelProcess: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      if (said.includes('the host is up')) resolve();
    };
    kernelProcess.stdout?.on('data', listen);
    kernelProcess.stderr?.on('data', listen);
    kernelProcess.on('exit', () => reject(new Error(`the kernel ended:\n${said.slice(-3000)}`)));
  });
}
