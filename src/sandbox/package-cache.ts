/** Packages and by-hash index files on disk, shared by all fleets and bounded. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const mostBytes = 2 * 1024 ** 3;

/** Is what this address names the same for ever? */
export function isImmutable(url: URL): boolean {
  return /\.u?deb$/.test(url.pathname) || url.pathname.includes('/by-hash/');
}

export class PackageCache {
  readonly #directory: string;
  readonly #limit: number;
  /** Fetches under way: who asks for the same file meanwhile waits for it. */
  readonly #pending = new Map<string, Promise<void>>();

  constructor(directory: string, limit = mostBytes) {
    this.#directory = directory;
    this.#limit = limit;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** Answers from disk, or passes on what `fetch` gets and keeps it. */
  async serve(url: URL, response: ServerResponse, fetch: () => Promise<IncomingMessage>): Promise<void> {
    const file = join(this.#directory, createHash('sha256').update(url.href).digest('hex'));
    await this.#pending.get(file);
    if (await this.#serveFile(file, response)) return;
    const fetching = this.#fetch(file, response, fetch);
    this.#pending.set(file, fetching.catch(() => undefined));
    try {
      await fetching;
    } finally {
      this.#pending.delete(file);
    }
  }

  async #serveFile(file: string, response: ServerResponse): Promise<boolean> {
    const handle = await open(file, 'r').catch(() => undefined);
    if (handle === undefined) return false;
    const { size } = await handle.stat();
    const now = new Date();
    await utimes(file, now, now).catch(() => undefined); // recently used goes last when room is made
    response.writeHead(200, { 'content-length': size });
    await pipeline(handle.createReadStream(), response).catch(() => response.destroy());
    return true;
  }

  async #fetch(file: string, response: ServerResponse, fetch: () => Promise<IncomingMessage>): Promise<void> {
    const reply = await fetch();
    const length = Number(reply.headers['content-length'] ?? Number.NaN);
    if (reply.statusCode !== 200 || !Number.isFinite(length)) {
      response.writeHead(reply.statusCode ?? 502, { 'content-type': reply.headers['content-type'] ?? 'text/plain' });
      await pipeline(reply, response);
      return;
    }
    const part = `${file}.${randomUUID()}.part`;
    try {
      await pipeline(reply, createWriteStream(part, { mode: 0o600 }));
      if ((await stat(part)).size !== length) throw new Error('the file came cut short');
      await this.#makeRoom(length);
      await rename(part, file);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    response.writeHead(200, { 'content-length': length });
    await pipeline(createReadStream(file), response).catch(() => response.destroy());
  }

  /** Drops what was not used for longest, and what a killed proxy left half written. */
  async #makeRoom(bytes: number): Promise<void> {
    const hourAgo = Date.now() - 3_600_000;
    const files = [];
    for (const name of await readdir(this.#directory)) {
      const path = join(this.#directory, name);
      const found = await stat(path).catch(() => undefined); // another fleet's proxy may have been quicker
      if (found === undefined) continue;
      if (!name.endsWith('.part')) files.push({ path, size: found.size, used: found.mtimeMs });
      else if (found.mtimeMs < hourAgo) await rm(path, { force: true });
    }
    let total = bytes + files.reduce((sum, file) => sum + file.size, 0);
    for (const { path, size } of files.sort((a, b) => a.used - b.used)) {
      if (total <= this.#limit) return;
      await rm(path, { force: true });
      total -= size;
    }
  }
}
