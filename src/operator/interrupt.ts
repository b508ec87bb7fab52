import { ExitCode } from '../errors/index.ts';
import { onOutputLost } from './output-loss.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C: the first lets the writes in hand finish, the second leaves at once. The first also comes of standard output
 * that is lost: a run that nobody hears of does not go on.
 *
 * @param onFirst told when the first came
 * @param onSecond told just before leaving
 * @param onHangUp told that the terminal was closed: whether the run goes on without it. Default: that is a Ctrl-C
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
      `error: Standard output is lost: ${why}\n  What is being written is finished, then the run stops. play log 1 tells what was done.\n`,
    );
    controller.abort();
  });
  return controller.signal;
}
