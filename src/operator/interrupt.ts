import { ExitCode } from '../errors/index.ts';
import { onOutputLost } from './output-loss.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Handles Ctrl-C: the first lets writes in progress finish, the second exits at once. Losing standard output counts as
 * the first, so that no run continues that nobody can follow.
 *
 * @param onFirst called at the first
 * @param onSecond called just before exiting
 * @param onHangUp called when the terminal is closed: returns whether the run goes on without it. Default: that
 * counts as Ctrl-C
 */
export function watchInterrupts(
  onFirst: () => void,
  onSecond: () => void,
  onHangUp: () => boolean = () => false,
): AbortSignal {
  const controller = new AbortController();
  const handle = (): void => {
    if (!controller.signal.aborted) {
      controller.abort();
      onFirst();
      return;
    }
    onSecond();
    process.exit(ExitCode.interrupted);
  };
  for (const signal of signals)
    process.on(signal, () => {
      if (signal !== 'SIGHUP' || !onHangUp()) handle();
    });
  onOutputLost((why) => {
    process.stderr.write(
      `error: Standard output is lost: ${why}\n  What is being written is finished, then the run stops. play log 1 shows what was done.\n`,
    );
    controller.abort();
  });
  return controller.signal;
}
