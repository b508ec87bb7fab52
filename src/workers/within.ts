/**
 * Waits for something, but no longer than so many milliseconds: who leaves does not wait for what may be gone, and what
 * was sent to a Redis that has died is never answered. That it failed is passed over.
 */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((done) => (timer = setTimeout(done, milliseconds)));
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}

/** Milliseconds that Redis has for each of the last things that are wanted of it. */
export const lastWait = 2000;
