/**
 * Lets at most `most` jobs run at once, the rest wait in order. @example const slots = limiter(5); await slots(() =>
 * work());
 */
export function limiter(most: number): <T>(job: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await job();
    } finally {
      // The place is handed on: were it free for a moment, whoever comes then would take it too.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
