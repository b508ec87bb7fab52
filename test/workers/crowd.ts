/**
 * A run with its workers and a real Redis, all of them processes that may be killed, and hosts that are folders: names with
 * `connection=local`, in a mount namespace of their own, so that this machine's own lock and debts have no part in it.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { makeProject, playRoot, type Project } from '../cli/command-line.ts';

/** What each host is to have done to it, once each. */
const playbook = `
import { copy, definePlaybook, fact, handler, shell } from 'play';
const each = (name: string, host: string, seconds = 0.2) => shell({
  cmd: \`sleep \${seconds}; echo \${name} >>\${process.env.CROWD_OUT}/\${host}/log\`, changes: 'always',
}, { name });
const reload = (host: string) => handler('reload', () => shell({ cmd: \`echo reload >>\${process.env.CROWD_OUT}/\${host}/handlers\`, changes: 'always' }));
export default definePlaybook([
  { name: 'first', hosts: 'all', tasks: ({ host }) => [
    shell({ cmd: \`echo migrate >>\${process.env.CROWD_OUT}/migrations\`, changes: 'always' }, { name: 'migrate', runOnce: true }),
    copy({ dest: \`\${process.env.CROWD_OUT}/\${host.name}/conf\`, content: \`of \${host.name}\\n\` }, { notify: reload(host.name) }),
    each('work', host.name),
  ] },
  { name: 'second', hosts: 'all', serial: '34%', tasks: ({ host }) => [
    shell({ cmd: \`n=$(ls \${process.env.CROWD_OUT}/busy | wc -l); [ $n -lt 2 ] || echo $n >>\${process.env.CROWD_OUT}/crowded; touch \${process.env.CROWD_OUT}/busy/\${host.name}; sleep 0.1; rm -f \${process.env.CROWD_OUT}/busy/\${host.name}\`, changes: 'never' }, { name: 'narrow', throttle: 2 }),
    each('more', host.name, 0.05),
    copy({ dest: \`\${process.env.CROWD_OUT}/\${host.name}/end\`, content: 'end\\n' }),
  ] },
]);
`.replace(' fact,', '');

/** Everything that came of one process of the crowd. */
interface Running {
  readonly child: ChildProcess;
  readonly text: () => string;
  readonly ended: Promise<number | null>;
}

export const redisProgram = '/usr/bin/redis-check-rdb';

export class Crowd {
  readonly project: Project;
  readonly out: string;
  /** What a person was asked, and answered after a look at the host. */
  readonly asked: string[] = [];
  readonly #port: number;
  readonly #space: ChildProcess;
  readonly #all: Running[] = [];
  /** The file of the key that the run and its workers share. */
  readonly key: string;
  #redis: Running | undefined;

  private constructor(names: readonly string[], port: number) {
    this.#port = port;
    this.project = makeProject({
      'inventory/hosts': names.map((name) => `${name} ansible_connection=local\n`).join(''),
      'playbooks/site.ts': playbook,
    });
    this.out = join(this.project.dir, 'out');
    this.key = join(this.project.dir, 'worker.key');
    for (const name of [...names, 'busy']) mkdirSync(join(this.out, name), { recursive: true });
    this.#space = spawn('unshare', [
      '-m',
      'sh',
      '-c',
      'mount --make-rprivate / && for d in /run/play /var/lib/play; do mkdir -p $d && mount -t tmpfs none $d || exit; done; echo ready && exec sleep infinity',
    ]);
  }

  static async of(names: readonly string[]): Promise<Crowd> {
    const crowd = new Crowd(names, await freePort());
    await new Promise((ready) => crowd.#space.stdout?.once('data', ready));
    await crowd.project.play('worker', '--make-key', crowd.key);
    await crowd.startRedis();
    return crowd;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** It keeps nothing on disk: what it held is lost when it is killed. */
  async startRedis(): Promise<void> {
    // redis-tools has the server's program without the service: it goes by the name it is called.
    const words = `--port ${this.#port} --bind 127.0.0.1 --appendonly no --dir ${this.project.dir} --save`;
    const redis = this.#spawn(redisProgram, [...words.split(' '), ''], 'redis-server');
    this.#redis = redis;
    await this.until(() => redis.text().includes('Ready to accept connections'), 'Redis');
  }

  async killRedis(): Promise<void> {
    this.#redis?.child.kill('SIGKILL');
    await this.#redis?.ended;
  }

  /** It takes what it is sent, and answers nothing any more. */
  haltRedis(): void {
    this.#redis?.child.kill('SIGSTOP');
  }

  /** Says something to it, as `redis-cli` does. */
  redis(...words: readonly string[]): string {
    return spawnSync('redis-cli', ['-u', this.url, ...words], { encoding: 'utf8' }).stdout.trim();
  }

  worker(...more: readonly string[]): Running & { readonly kill: () => Promise<void> } {
    const running = this.#play(['worker', '--redis', this.url, '--worker-key-file', this.key, ...more]);
    return {
      ...running,
      kill: async () => {
        await this.until(() => running.text().includes('waits for hosts'), 'the worker');
        const pid = Number(/\(pid (\d+)\): waits/.exec(running.text())?.[1]);
        process.kill(pid, 'SIGKILL');
        running.child.kill('SIGKILL');
        await running.ended;
      },
    };
  }

  get workerOptions(): readonly string[] {
    return ['--workers', this.url, '--worker-key-file', this.key, '--worker-timeout', '12'];
  }

  /** `play ...` in a terminal, at which somebody looks at the host and answers what is asked. */
  run(...args: readonly string[]): Running {
    const running = this.#play(args, true);
    let from = 0;
    running.child.stdout?.on('data', () => {
      const question = /Was "(\w+)" done on (\w+)\?/g;
      question.lastIndex = from;
      for (let found = question.exec(running.text()); found; found = question.exec(running.text())) {
        from = question.lastIndex;
        const [, task = '', host = ''] = found;
        const isDone = task === 'migrate' ? this.count('migrations') > 0 : this.log(host).includes(task);
        this.asked.push(`${task} on ${host}: ${isDone ? 'yes' : 'no'}`);
        running.child.stdin?.write(isDone ? 'y\r' : 'n\r');
      }
    });
    return running;
  }

  /** Kills the run itself, and not the terminal it is in. */
  async killRun(run: Running): Promise<number | null> {
    const children = spawnSync('pgrep', ['-P', String(run.child.pid)], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n');
    for (const pid of children.filter((one) => one !== '')) process.kill(Number(pid), 'SIGKILL');
    return await run.ended;
  }

  log(host: string): string[] {
    return this.#lines(join(host, 'log'));
  }

  count(name: string): number {
    return this.#lines(name).length;
  }

  forget(name: string): void {
    rmSync(join(this.out, name), { force: true });
  }

  /** What each host has, in the words of its folder. */
  state(): Readonly<Record<string, string>> {
    const hosts = readdirSync(this.out, { withFileTypes: true }).filter(
      (one) => one.isDirectory() && one.name !== 'busy',
    );
    return Object.fromEntries(
      hosts.map(({ name }) => [
        name,
        [
          ...this.log(name),
          ...readdirSync(join(this.out, name))
            .filter((file) => ['conf', 'end'].includes(file))
            .sort(),
        ].join(' '),
      ]),
    );
  }

  async until(is: () => boolean, what: string): Promise<void> {
    const late = Date.now() + 120_000;
    while (!is()) {
      if (Date.now() > late) throw new Error(`${what} does not come.\n${this.#said()}`);
      await new Promise((again) => setTimeout(again, 50));
    }
  }

  async end(): Promise<void> {
    for (const { child } of this.#all) if (!hasEnded(child)) child.kill('SIGTERM');
    await this.until(() => this.#all.every(({ child }) => hasEnded(child)), 'the end');
    this.#space.kill('SIGKILL');
  }

  #play(args: readonly string[], inTerminal = false): Running {
    const words = [
      'nsenter',
      `--mount=/proc/${this.#space.pid}/ns/mnt`,
      `--wd=${this.project.dir}`,
      join(playRoot, 'play'),
      ...args,
    ];
    if (!inTerminal) return this.#spawn(words[0] ?? '', words.slice(1));
    return this.#spawn('script', ['-qefc', `exec ${words.map((word) => `'${word}'`).join(' ')}`, '/dev/null']);
  }

  #spawn(program: string, args: readonly string[], argv0 = program): Running {
    const { dir } = this.project;
    const env = { ...process.env, XDG_STATE_HOME: join(dir, '.state'), CROWD_OUT: this.out, PLAY_NO_TYPECHECK: '1' };
    const child = spawn(program, args, { argv0, cwd: dir, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
    const running = { child, text: () => text, ended };
    this.#all.push(running);
    return running;
  }

  /** What each process said last, and how it ended. */
  #said(): string {
    return this.#all
      .map(
        ({ child, text }) =>
          `--- ${child.spawnargs.join(' ').slice(-120)} (${child.signalCode ?? child.exitCode ?? 'runs'})\n${text().slice(-2000)}`,
      )
      .join('\n');
  }

  #lines(name: string): string[] {
    try {
      return readFileSync(join(this.out, name), 'utf8').trimEnd().split('\n');
    } catch {
      return [];
    }
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      server.close(() => done(port));
    });
  });
}
