/**
 * A host that has a kernel of its own, with device mapper, md and disks: what throwaway hosts have not, as they share this
 * machine's. Linux as a process (Debian's user-mode-linux) starts on the root of a throwaway host; requests go
 * through a folder of it, as its serial lines stall.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import {
  inputBytes,
  LANE_PATH,
  type Lane,
  type LaneGreeting,
  type LaneReply,
  type LaneRequest,
} from '../../src/connection/index.ts';
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

/** How often both sides look for what the other has written, in milliseconds. */
const pause = 50;

// What PID 1 of that kernel does: it runs the scripts that it finds in /exchange, one after another. Nothing of the throwaway host's /run, /tmp and
// /dev is used.
const init = `#!/bin/sh
export PATH=${LANE_PATH} HOME=/root USER=root LOGNAME=root LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sys /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
for d in /run /tmp /var/tmp; do mount -t tmpfs -o mode=1777 tmp $d; done
chmod 755 /run
mkdir -p /run/lock
mount -t hostfs -o ${modules} none /lib/modules
for m in dm-mod dm-snapshot raid0 raid1 raid456; do modprobe $m; done
/lib/systemd/systemd-udevd --daemon
udevadm trigger
udevadm settle
echo the host is up
n=0
while :; do
  if [ -e /exchange/$n.go ]; then
    setsid sh /exchange/$n.sh </exchange/$n.in >/tmp/.out 2>/tmp/.err
    echo $? >/tmp/.code
    for f in out err code; do cat /tmp/.$f >/exchange/$n.$f; done
    : >/exchange/$n.done
    n=$((n + 1))
  else
    sleep 0.0${pause}
  fi
done
`;

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Requests as files of a folder that both kernels see. */
class FolderLane implements Lane {
  readonly greeting: LaneGreeting;
  exchanges = 0;
  readonly #folder: string;
  #next = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string, hostname: string) {
    this.#folder = folder;
    this.greeting = { user: 'root', uid: 0, home: '/root', hostname };
  }

  exchange(
    requests: readonly LaneRequest[],
    onReply?: (reply: LaneReply, index: number) => void,
  ): Promise<LaneReply[]> {
    this.exchanges++;
    const done = this.#last.then(async () => {
      const replies: LaneReply[] = [];
      let isFine = true;
      for (const [i, request] of requests.entries()) {
        const reply = request.afterSuccess === true && !isFine ? skippedReply : await this.#run(request);
        if (reply.code !== 0 && request.asks !== true) isFine = false;
        replies.push(reply);
        onReply?.(reply, i);
      }
      return replies;
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #run({ script, args = [], stdin = Buffer.alloc(0) }: LaneRequest): Promise<LaneReply> {
    const at = (ending: string): string => join(this.#folder, `${number}.${ending}`);
    const number = this.#next++;
    writeFileSync(at('sh'), `set -- ${args.map(quoted).join(' ')}\n${script}\n`, { mode: 0o700 });
    writeFileSync(at('in'), inputBytes(stdin));
    writeFileSync(at('go'), '');
    while (!existsSync(at('done'))) await new Promise((resolve) => setTimeout(resolve, pause));
    const [stdout, stderr] = [readFileSync(at('out')), readFileSync(at('err'))];
    return { code: Number(readFileSync(at('code'), 'utf8')), stdout, stderr, truncated: false, skipped: false };
  }

  async close(): Promise<void> {
    await this.#last;
  }
}

const nothing = Buffer.alloc(0);
const skippedReply: LaneReply = { code: -1, stdout: nothing, stderr: nothing, truncated: false, skipped: true };

const install =
  'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qqy --no-install-recommends "$@" >&2';

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
  let lane: FolderLane | undefined;

  const host: LawHost = {
    async connection() {
      const { target } = hosts;
      return {
        target: target(name, 'root'),
        description: 'a folder',
        lane: async () => laneHere(),
        live: () => Promise.reject(new Error('no live commands')),
        close: async () => undefined,
      };
    },
    async sh(script, ...args) {
      const [reply] = await laneHere().exchange([{ script, args }]);
      if (reply?.code !== 0) throw new Error(`code ${reply?.code}: ${reply?.stderr.toString()}\n${script}`);
      return reply.stdout.toString();
    },
    watched: ['/etc'],
  };
  function laneHere(): FolderLane {
    if (lane === undefined) throw new Error('the kernel is not up');
    return lane;
  }

  beforeAll(async () => {
    const done = await hosts.exec(name, ['sh', '-c', install, 'sh', ...packages]);
    if (done.code !== 0) throw new Error(done.stderr);
    const at = hosts.rootPath(name);
    writeFileSync(join(at, 'kernel-host'), init, { mode: 0o755 });
    mkdirSync(join(at, 'lib/modules'), { recursive: true });
    mkdirSync(join(at, 'exchange'), { mode: 0o700 });
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
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    await isUp(running);
    lane = new FolderLane(join(at, 'exchange'), name);
  }, 600_000);

  afterAll(() => {
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
