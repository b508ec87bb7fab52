import type { ShownListener } from './masked.ts';

/** `--quiet`: only what changes, fails or is left alone, and the recap; the same for whatever prints it. */
export function quietReport(report: ShownListener): ShownListener {
  return (event) => {
    const isRight = (event.event === 'task' || event.event === 'handler') && ['ok', 'skipped'].includes(event.status);
    // What may change is among what changes.
    if (event.event === 'notice' || (isRight && event.may === null)) return;
    report(event);
  };
}
