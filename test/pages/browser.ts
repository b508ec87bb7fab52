/** Debian's Chromium, driven by its DevTools protocol over a pipe: no port, no package. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

const program = ['/usr/bin/chromium', '/usr/bin/chromium-headless-shell', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

/** Why pages cannot be looked at here; undefined where they can. */
export const noBrowser =
  program === undefined ? 'no Chromium here (apt-get install chromium): pages were not looked at' : undefined;

const keyCodes: Readonly<Record<string, number>> = {
  Enter: 13,
  Escape: 27,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
};

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

interface View {
  readonly width: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  readonly script?: boolean;
}

export class Browser {
  readonly #child: ChildProcess;
  readonly #input: Writable;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #listeners = new Set<(message: Message) => void>();
  #count = 0;
  #session: string | undefined;
  /** What the page on show asked the network for, and what its policy refused or its script threw. */
  readonly requests: string[] = [];
  readonly complaints: string[] = [];

  /** @param profile a folder of its own */
  constructor(profile: string) {
    this.#child = spawn(
      program ?? 'chromium',
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--hide-scrollbars',
        '--no-first-run',
        '--disable-background-networking',
        '--remote-debugging-pipe',
        `--user-data-dir=${profile}`,
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    this.#input = this.#child.stdio[3] as Writable;
    let rest = '';
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\0');
      rest = parts.pop() ?? '';
      for (const part of parts) this.#hear(JSON.parse(part) as Message);
    });
  }

  #hear(message: Message): void {
    if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
    const { method, params = {} } = message;
    if (method === 'Network.requestWillBeSent') this.requests.push((params['request'] as { url: string }).url);
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded')
      this.complaints.push(JSON.stringify(params));
    for (const listener of this.#listeners) listener(message);
  }

  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#count;
    const answer = new Promise<Message>((done) => this.#waiting.set(id, done));
    this.#input.write(
      `${JSON.stringify({ id, method, params, ...(this.#session === undefined ? {} : { sessionId: this.#session }) })}\0`,
    );
    const { result = {}, error } = await answer;
    this.#waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Shows a page in a window of this size. */
  async open(url: string, { width, height = 900, scheme = 'light', script = true }: View): Promise<void> {
    if (this.#session === undefined) {
      const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
      this.#session = sessionId as string;
      for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await this.send(`${domain}.enable`);
    }
    await this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await this.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    await this.send('Emulation.setScriptExecutionDisabled', { value: !script });
    this.requests.length = 0;
    this.complaints.length = 0;
    const loaded = new Promise<void>((done) => {
      const listener = ({ method }: Message): void => {
        if (method !== 'Page.loadEventFired') return;
        this.#listeners.delete(listener);
        done();
      };
      this.#listeners.add(listener);
    });
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** What an expression is worth on the page. */
  async read<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  async press(key: string): Promise<void> {
    for (const type of ['keyDown', 'keyUp'])
      await this.send('Input.dispatchKeyEvent', {
        type,
        key,
        code: key,
        windowsVirtualKeyCode: keyCodes[key] ?? 0,
        ...(key === 'Enter' ? { text: '\r' } : {}),
      });
  }

  /** The roles and names that a screen reader has, in order. */
  async heard(): Promise<{ readonly role: string; readonly name: string }[]> {
    const { nodes } = await this.send('Accessibility.getFullAXTree');
    return (nodes as { ignored: boolean; role?: { value: string }; name?: { value: string } }[])
      .filter(({ ignored }) => !ignored)
      .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }));
  }

  async screenshot(whole = false): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: whole, format: 'png' });
    return Buffer.from(data as string, 'base64');
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
