/** The exit codes of `play`. The README tables where they differ from ansible-playbook's. */
export const ExitCode = {
  ok: 0,
  /** Anything wrong before a host was touched. */
  usage: 1,
  hostFailed: 2,
  /** With `-C --exit-code`: something would change. */
  wouldChange: 3,
  unreachable: 4,
  /** All else is fine, but something was left alone since it is held (`play hold`). */
  held: 5,
  interrupted: 99,
  internal: 250,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
