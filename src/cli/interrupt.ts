import { ExitCode } from '../errors/index.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C: the first lets the writes in hand finish, the second leaves at once.
 *
 * @param onFirst told when the first came
 * @param onSecond told just before leaving
 */
export function watchInterrupts(onFirst: () => void, onSecond: () => void): AbortSignal {
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
  for (const signal of signals) process.on(signal, handle);
  return controller.signal;
}
