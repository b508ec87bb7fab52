/** A line of a log, from whichever host. */
export interface LogLine {
  readonly host: string;
  /** Milliseconds since the epoch, by the host's clock; of a file's line, when it came. Undefined: nobody knows. */
  readonly time: number | undefined;
  /** `nginx[123]`, or the file. */
  readonly source: string;
  readonly text: string;
  /** What only the journal knows. */
  readonly unit?: string | undefined;
  readonly priority?: number | undefined;
}

/** Where a stream is to be taken up again. */
export type Cursor = string;

/** A line of a stream, with the place behind it. */
export interface ReadLine {
  readonly line: LogLine;
  readonly cursor: Cursor | undefined;
}
