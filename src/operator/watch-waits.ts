import type { ShownListener } from '../report/index.ts';

/** Seconds until the first look: most often nothing is waited for. */
const firstLook = 3;
/** Seconds between the looks while something is. */
const nextLook = 5;

/**
 * Tells what a host waits for before it can do what it was sent: apt's locks, and who holds them. What runs there says
 * so in a line that begins with `waiting: `; it is looked at when the work takes longer than usual.
 *
 * @param peek the last line that what runs on the host has printed, masked
 * @param say where it is told
 * @returns hears of the run's events
 */
export function watchWaits(peek: (host: string) => Promise<string | undefined>, say: ShownListener): ShownListener {
  const timers = new Map<string, NodeJS.Timeout>();
  const stop = (host: string): void => {
    clearTimeout(timers.get(host));
    timers.delete(host);
  };
  const look = (host: string, seconds: number, told: string): void => {
    const timer = setTimeout(() => {
      void peek(host).then((line = '') => {
        if (timers.get(host) !== timer || !line.startsWith('waiting: ')) return;
        if (line !== told) say({ event: 'notice', host, text: `waiting for apt: ${line.slice('waiting: '.length)}` });
        look(host, nextLook, line);
      });
    }, seconds * 1000).unref();
    timers.set(host, timer);
  };
  return (event) => {
    if (event.event === 'recap') for (const host of timers.keys()) stop(host);
    else if (event.event === 'working') {
      stop(event.host);
      if (event.mayWait) look(event.host, firstLook, '');
    } else if ('host' in event && event.host !== null && !['notice', 'sent', 'always', 'mark'].includes(event.event))
      stop(event.host);
  };
}
