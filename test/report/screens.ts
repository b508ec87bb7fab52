import { readFileSync } from 'node:fs';
import type { Clock } from '../../src/report/clock.ts';
import { humanReport, makeStyle, wantsColour, type ShownEvent } from '../../src/report/index.ts';

/** What a run is looked at on. */
export interface Screen {
  readonly columns?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Those of the golden files. A terminal has colours of its own for the numbers that are sent, light or dark. */
export const screens = {
  'terminal-60': { columns: 60, env: { NO_COLOR: '1' } },
  'terminal-80': { columns: 80, env: { NO_COLOR: '1' } },
  'terminal-120': { columns: 120, env: { NO_COLOR: '1' } },
  'terminal-200': { columns: 200, env: { NO_COLOR: '1' } },
  'colour': { columns: 80, env: { TERM: 'xterm-256color' } },
  'dumb': { columns: 80, env: { TERM: 'dumb' } },
  'pipe': {},
  'ci': { env: { CI: 'true' } },
} as const satisfies Record<string, Screen>;

interface Head {
  /** What was recorded. */
  readonly recording: string;
  readonly check: boolean;
  /** The events are those of `web1`, of a run of so many hosts in batches, each so many milliseconds behind the last. */
  readonly rolling?: { readonly hosts: number; readonly batch: number; readonly every: number };
}

export interface Recording extends Head {
  readonly events: readonly TimedEvent[];
}

type TimedEvent = ShownEvent & { readonly t: number };

/** What was recorded of a run: a line that says what, then its events with the milliseconds since its start. */
export function readRecording(file: string): Recording {
  const [head, ...events] = readFileSync(file, 'utf8').trim().split('\n');
  const { rolling, ...rest } = JSON.parse(head ?? '') as Head;
  const timed = events.map((line) => JSON.parse(line) as TimedEvent);
  return { ...rest, events: rolling ? rolled(timed, rolling) : timed };
}

function rolled(events: readonly TimedEvent[], { hosts, batch, every }: NonNullable<Head['rolling']>): TimedEvent[] {
  const names = Array.from({ length: hosts }, (_, at) => `web${at + 1}`);
  const [first] = events;
  const last = events.at(-1);
  if (first?.event !== 'play' || last?.event !== 'recap')
    throw new Error('A recording begins with a play and ends with a recap');
  const ofHosts = names.flatMap((name, at) =>
    events.slice(1, -1).map((event) => {
      const own = JSON.parse(JSON.stringify(event).replaceAll('web1', name)) as TimedEvent;
      // No two hosts are equally fast.
      return { ...own, t: event.t * (1 + (at % batch) / 50) + Math.floor(at / batch) * every };
    }),
  );
  const counts = Object.fromEntries(names.map((name) => [name, { ...last.hosts['web1'] }])) as typeof last.hosts;
  const end = Math.max(...ofHosts.map(({ t }) => t)) + 1;
  return [{ ...first, hosts: names }, ...ofHosts.sort((a, b) => a.t - b.t), { ...last, hosts: counts, t: end }];
}

export interface Shown {
  readonly diff?: boolean | 'full';
  readonly verbosity?: number;
}

/** What a run prints on a screen. */
export function shownOn(
  screen: Screen,
  { check, events }: Recording,
  { diff = false, verbosity = 0 }: Shown = {},
): string {
  const isTTY = screen.columns !== undefined;
  const clock = new TestClock();
  let text = '';
  const write = (part: string): void => void (text += part);
  const report = humanReport({
    stream: { isTTY, columns: screen.columns ?? 0, write },
    style: makeStyle(wantsColour({ isTTY }, screen.env ?? {})),
    check,
    diff,
    verbosity,
    clock,
  });
  for (const { t, ...event } of events) {
    clock.advance(t);
    report(event);
  }
  return text;
}

/** Time that passes when it is told to. */
export class TestClock implements Clock {
  #now = 0;
  readonly #waiting = new Set<{ readonly at: number; readonly call: () => void }>();

  readonly now = (): number => this.#now;

  readonly after = (milliseconds: number, then: () => void): (() => void) => {
    const waiting = { at: this.#now + milliseconds, call: then };
    this.#waiting.add(waiting);
    return () => void this.#waiting.delete(waiting);
  };

  readonly atExit = (): (() => void) => () => undefined;

  /** Lets time pass until then. */
  advance(until: number): void {
    for (;;) {
      const [next] = [...this.#waiting].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#waiting.delete(next);
      this.#now = next.at;
      next.call();
    }
    this.#now = until;
  }
}
