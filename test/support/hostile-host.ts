import { spawn } from 'node:child_process';
import {
  createServer,
  connect as connectSocket,
  type AddressInfo,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import type { Target } from '../../src/connection/index.ts';
import type { Dice } from './dice.ts';
import { mutate } from './mutate.ts';

/** When a host begins to misbehave, and how. */
export interface Malice {
  readonly stage: 'connect' | 'handshake' | 'login' | 'session' | 'start' | 'answers';
  readonly how: string;
}

/** What a host may do in place of its part, by stage. */
const ways: Readonly<Record<Malice['stage'], readonly string[]>> = {
  connect: ['close', 'silence', 'noise', 'endless noise'],
  handshake: ['close', 'silence', 'noise', 'half-open'],
  login: ['close', 'silence', 'refuse'],
  session: ['close', 'silence', 'refuse', 'half-open'],
  start: ['close', 'silence', 'noise', 'endless noise', 'prompts', 'wrong greeting', 'exit', 'half-open'],
  answers: [
    'close',
    'silence',
    'noise',
    'endless noise',
    'endless answer',
    'mutated',
    'truncated',
    'twice',
    'nothing but boundaries',
    'other numbers',
    'negative numbers',
    'huge numbers',
    'no codes',
    'NULs',
    'escapes',
    'invalid UTF-8',
    'one by one',
    'half-open',
    'unasked',
  ],
};

export const malices: readonly Malice[] = (Object.keys(ways) as Malice['stage'][]).flatMap((stage) =>
  ways[stage].map((how) => ({ stage, how })),
);

const key = ssh2.utils.generateKeyPairSync('ed25519');

/** A host on this machine that lets everybody in, runs real lanes, and misbehaves at one point. */
export class HostileHost {
  readonly #malice: Malice | undefined;
  readonly #dice: Dice;
  readonly #ssh: ssh2.Server;
  readonly #front: NetServer;
  readonly #open = new Set<Duplex>();
  readonly #timers = new Set<NodeJS.Timeout>();

  /** @param malice undefined: it behaves */
  constructor(malice: Malice | undefined, dice: Dice) {
    this.#malice = malice;
    this.#dice = dice;
    this.#ssh = new ssh2.Server({ hostKeys: [key.private] }, (client) => this.#serve(client));
    this.#front = createServer((socket) => this.#accept(socket));
  }

  async start(): Promise<number> {
    await new Promise<void>((done) => this.#ssh.listen(0, '127.0.0.1', done));
    await new Promise<void>((done) => this.#front.listen(0, '127.0.0.1', done));
    return (this.#front.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const stream of this.#open) stream.destroy();
    await Promise.all(
      [this.#front, this.#ssh].map((server) => new Promise<void>((done) => server.close(() => done()))),
    );
  }

  #does(stage: Malice['stage'], ...how: readonly string[]): boolean {
    return this.#malice?.stage === stage && how.includes(this.#malice.how);
  }

  /** A socket in between, so that bytes can stop to flow without anybody being told. */
  #accept(socket: Socket): void {
    this.#keep(socket);
    if (this.#does('connect', 'close')) return void socket.destroy();
    if (this.#does('connect', 'silence')) return;
    if (this.#does('connect', 'noise')) return void socket.end(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n\0\xff'));
    if (this.#does('connect', 'endless noise')) return this.#flood(socket);
    const inner = connectSocket((this.#ssh.address() as AddressInfo).port, '127.0.0.1');
    this.#keep(inner);
    let passed = 0;
    inner.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      if (passed > 600 && this.#does('handshake', 'close')) return void socket.destroy();
      if (passed > 600 && this.#does('handshake', 'silence', 'half-open')) return;
      if (passed > 600 && this.#does('handshake', 'noise'))
        return void socket.write(mutate(chunk, this.#dice, [chunk]));
      if (!this.#isCut) socket.write(chunk);
    });
    socket.on('data', (chunk: Buffer) => void (this.#isCut || inner.write(chunk)));
    inner.on('close', () => void (this.#isCut || socket.destroy()));
    socket.on('close', () => inner.destroy());
  }

  #isCut = false;

  #keep(stream: Duplex): void {
    this.#open.add(stream);
    stream.on('error', () => undefined);
    stream.on('close', () => this.#open.delete(stream));
  }

  #serve(client: ssh2.Connection): void {
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      if (this.#does('login', 'silence')) return;
      if (this.#does('login', 'refuse')) return context.reject();
      if (this.#does('login', 'close')) return void client.end();
      if (context.method !== 'none' && context.method !== 'password') return context.reject(['password']);
      context.accept();
    });
    client.on('ready', () => {
      if (this.#does('session', 'close')) return void client.end();
      if (this.#does('session', 'half-open')) this.#isCut = true;
      client.on('session', (accept, reject) => {
        if (this.#does('session', 'silence')) return;
        if (this.#does('session', 'refuse')) return reject();
        accept().on('exec', (acceptExec, _reject, { command }) => this.#exec(acceptExec(), command, client));
      });
    });
  }

  #exec(channel: ssh2.ServerChannel, command: string, client: ssh2.Connection): void {
    this.#keep(channel);
    if (this.#does('start', 'close')) return void client.end();
    if (this.#does('start', 'silence')) return;
    if (this.#does('start', 'half-open')) return void (this.#isCut = true);
    if (this.#does('start', 'noise')) channel.write('\0\x1b[2J\nLast login: ok  web9  FORGED\n');
    if (this.#does('start', 'endless noise')) return this.#flood(channel);
    if (this.#does('start', 'prompts')) return void channel.write('[sudo] password for root: ');
    if (this.#does('start', 'wrong greeting'))
      return void channel.write(`\n${/'([0-9a-f]{24})'/.exec(command)?.[1] ?? ''}\troot\t-1\t\n`);
    if (this.#does('start', 'exit')) {
      channel.exit(255);
      return void channel.end();
    }
    const lane = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    for (const stream of [lane.stdin, lane.stdout, lane.stderr]) stream.on('error', () => undefined);
    let heard = '';
    channel.on('data', (chunk: Buffer) => {
      heard = (heard + chunk.toString('latin1')).slice(0, 200);
      lane.stdin.write(chunk);
    });
    channel.on('close', () => lane.stdin.end());
    channel.on('end', () => lane.stdin.end());
    let isGreeted = false;
    lane.stdout.on('data', (chunk: Buffer) => {
      if (!isGreeted || this.#malice?.stage !== 'answers') channel.write(chunk);
      else this.#answer(channel, chunk, /^b (\S+)/.exec(heard)?.[1] ?? '=', client);
      isGreeted = true;
      if (this.#does('answers', 'unasked')) channel.write('unasked'.repeat(1000));
    });
    lane.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk));
    lane.on('exit', (code) => {
      channel.exit(code ?? 1);
      channel.end();
    });
  }

  /** @param boundary what tells answers apart: a host knows it, so that it can lie in form */
  #answer(channel: ssh2.ServerChannel, chunk: Buffer, boundary: string, client: ssh2.Connection): void {
    const reply = (id: string, code = '0', stdout: string | Buffer = ''): Buffer =>
      Buffer.concat([Buffer.from(stdout), Buffer.from(`${boundary}${boundary}${id} ${code}\n`)]);
    switch (this.#malice?.how) {
      case 'close':
        return void client.end();
      case 'silence':
        return;
      case 'half-open':
        this.#isCut = true;
        return;
      case 'noise':
        return void channel.write(Buffer.from(Array.from({ length: 5000 }, () => this.#dice.below(256))));
      case 'endless noise':
      case 'endless answer':
        return this.#flood(channel);
      case 'truncated':
        channel.write(chunk.subarray(0, this.#dice.below(chunk.length)));
        return void client.end();
      case 'twice':
        channel.write(chunk);
        return void channel.write(chunk);
      case 'nothing but boundaries':
        return void channel.write(boundary.repeat(10_000));
      case 'other numbers':
        return void channel.write(reply('7'));
      case 'negative numbers':
        return void channel.write(reply('-1', '-5'));
      case 'huge numbers':
        return void channel.write(reply('9'.repeat(400), '9'.repeat(400)));
      case 'no codes':
        return void channel.write(reply('0', 'x'));
      case 'NULs':
        return void channel.write(reply('0', '0', Buffer.alloc(100_000)));
      case 'escapes':
        return void channel.write(
          reply('0', '1', '\x1b[2J\x1b]0;x\x07\rok  web9  FORGED\nok  web9  FORGED\n'.repeat(100)),
        );
      case 'invalid UTF-8':
        return void channel.write(
          reply('0', '0', Buffer.from(Array.from({ length: 3000 }, () => 128 + this.#dice.below(128)))),
        );
      case 'one by one':
        for (const byte of chunk) channel.write(Buffer.from([byte]));
        return;
      default:
        return void channel.write(mutate(chunk, this.#dice, [Buffer.from(boundary), chunk]));
    }
  }

  /** Writes as long as somebody reads. */
  #flood(stream: Duplex): void {
    const block = Buffer.alloc(32_768, 'endless ');
    const timer = setInterval(() => {
      for (let n = 0; n < 40 && !stream.destroyed && !stream.writableNeedDrain; n++) stream.write(block);
      if (stream.destroyed) clearInterval(timer);
    }, 2);
    this.#timers.add(timer);
  }
}

/** How a hostile host is reached, with short limits. */
export function hostileTarget(name: string, port: number, knownHostsFile: string): Target {
  return {
    name,
    address: '127.0.0.1',
    port,
    user: 'root',
    password: { expose: () => 'x' },
    transport: 'ssh2',
    knownHostsFiles: [knownHostsFile],
    acceptNewHostKeys: true,
    connectTimeout: 2,
    sshArgs: [
      '-F',
      '/dev/null',
      '-o',
      'IdentityAgent=none',
      '-o',
      'IdentityFile=none',
      '-o',
      'ServerAliveInterval=1',
      '-o',
      'ServerAliveCountMax=2',
    ],
    limits: { start: 2, answer: 1, task: 3, bytes: 8 * 1024 * 1024 },
  };
}
