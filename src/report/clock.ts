/** The time that lines are held back by; tests have one of their own. */
export interface Clock {
  /** Milliseconds since some moment. */
  readonly now: () => number;
  /** Calls once, after so many milliseconds. @returns what takes that back */
  readonly after: (milliseconds: number, then: () => void) => () => void;
  /** Calls where the process ends before. @returns what takes that back */
  readonly atExit: (then: () => void) => () => void;
}

/** Nothing waits for it: a process that has nothing else to do ends. */
export const realClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, then) {
    const timer = setTimeout(then, milliseconds).unref();
    return () => clearTimeout(timer);
  },
  atExit(then) {
    process.once('exit', then);
    return () => void process.off('exit', then);
  },
};
