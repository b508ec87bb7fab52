/** Hands out so many places at a time; who comes then waits in order. Call what it gives to give the place back. */
export type TakePlace = () => Promise<() => void>;

/** At most `most` places are taken at once. @example const leave = await places(5)(); */
export function places(most: number): TakePlace {
  let taken = 0;
  const waiting: (() => void)[] = [];
  return async () => {
    if (taken >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else taken++;
    return () => {
      // The place is handed on: were it free for a moment, whoever comes then would take it too.
      const next = waiting.shift();
      if (next) next();
      else taken--;
    };
  };
}

/**
 * Lets at most `most` jobs run at once, the rest wait in order. @example const slots = limiter(5); await slots(() =>
 * work());
 */
export function limiter(most: number): <T>(job: () => Promise<T>) => Promise<T> {
  const take = places(most);
  return async (job) => {
    const leave = await take();
    try {
      return await job();
    } finally {
      leave();
    }
  };
}

/** A limiter for each key: the tasks of a play that say how many hosts may be at them. */
export function throttles(): <T>(key: string, most: number, job: () => Promise<T>) => Promise<T> {
  const all = new Map<string, ReturnType<typeof limiter>>();
  return (key, most, job) => {
    const slots = all.get(key) ?? limiter(most);
    all.set(key, slots);
    return slots(job);
  };
}
