/** The host's own time. */
export interface ClockFact {
  /** Seconds since 1970, with a fraction. */
  readonly epoch: number;
  /** Its time zone, as date(1) has it: `CEST`. */
  readonly zone: string;
  /** What its zone is ahead of UTC, now: `+0200`. */
  readonly offset: string;
}

// busybox has no %N, and leaves it as it is.
export const clockSh = `date '+%s %N %Z %z'`;

/** From what `clockSh` prints. */
export function readClock(output: string): ClockFact {
  const [seconds = '', nanoseconds = '', zone = '', offset = ''] = output.trim().split(' ');
  const fraction = /^\d{9}$/.test(nanoseconds) ? Math.floor(Number(nanoseconds) / 1000) / 1e6 : 0;
  return { epoch: Number(seconds) + fraction, zone, offset };
}
