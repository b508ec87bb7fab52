/** The host's clock. */
export interface ClockFact {
  /** Seconds since 1970, with a fraction. */
  readonly epoch: number;
  /** Its time zone, as date(1) prints it: `CEST`. */
  readonly zone: string;
  /** The zone's current offset from UTC: `+0200`. */
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
