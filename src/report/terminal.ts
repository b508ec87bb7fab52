import type { WriteStream } from 'node:tty';

/** What is used of a stream: one that is no terminal need not be one. */
export type Terminal = Pick<WriteStream, 'isTTY' | 'columns'> &
  Partial<Pick<WriteStream, 'rows'>> & { readonly write: (text: string) => unknown };
