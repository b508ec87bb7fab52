/** Packages and by-hash index files on disk, shared by all fleets and bounded. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
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
  /** Fetches under way, with the status they end with: who asks for the same file meanwhile waits for it. */
  readonly #pending = new Map<string, Promise<number>>();

  constructor(directory: string, limit = mostBytes) {
    this.#directory = directory;
    this.#limit = limit;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** Answers from disk, where `fetch` brings the file first if need be. */
  async serve(url: URL, response: ServerResponse, fetch: () => Promise<IncomingMessage>): Promise<void> {
    const file = join(this.#directory, createHash('sha256').update(url.href).digest('hex'));
    if (await this.#serveFile(file, response)) return;
    let fetching = this.#pending.get(file);
    if (fetching === undefined) {
      fetching = this.#fetch(file, fetch).finally(() => this.#pending.delete(file));
      this.#pending.set(file, fetching);
    }
    const status = await fetching;
    if (status === 200 && (await this.#serveFile(file, response))) return;
    response.writeHead(status === 200 ? 502 : status, { 'content-type': 'text/plain' });
    response.end(`the site answered ${status}\n`);
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

  async #fetch(file: string, fetch: () => Promise<IncomingMessage>): Promise<number> {
    const reply = await fetch();
    if (reply.statusCode !== 200) {
      reply.resume();
      return reply.statusCode ?? 502;
    }
    const part = `${file}.${randomUUID()}.part`;
    try {
      await pipeline(reply, createWriteStream(part, { mode: 0o600 }));
      const { size } = await stat(part);
      const length = reply.headers['content-length'];
      if (!reply.complete || (length !== undefined && size !== Number(length)))
        throw new Error('the file came cut short');
      await this.#makeRoom(size);
      await rename(part, file);
      return 200;
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
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
