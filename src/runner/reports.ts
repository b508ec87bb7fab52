import type { WriteStream } from 'node:tty';
import type { PlayError } from '../errors/index.ts';
import {
  commandReport,
  describeError,
  humanReport as humanReportOf,
  jsonlReport as jsonlReportOf,
  makeStyle,
  said,
  wantsColour,
  type ShownEvent,
  type ShownListener,
  type Style,
} from '../report/index.ts';
import { Redactor } from '../secrets/index.ts';

/**
 * Something that happens in a run: `play`, `connected`, `working`, `task`, `handler`, `notice`, `held`, `gone`,
 * `rollout-stopped`, `unreachable`, `host-failed`, `recap`. It contains no secret; `docs/jsonl.md` describes the
 * fields.
 */
export type RunEvent = ShownEvent;

/**
 * Called with the events of a run as they happen. If it throws, the run is stopped in an orderly way, as by a signal.
 */
export type RunListener = (event: RunEvent) => void;

/** Where a report goes, and how much it shows. */
export interface ReportOptions {
  /** Where to write. Default: standard output. Colours and the progress line are shown only on a terminal. */
  readonly stream?: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;
  /** The verbosity, as the number of `-v` options. Default 0. */
  readonly verbosity?: number;
}

/** What a report for people shows. */
export interface HumanReportOptions extends ReportOptions {
  /** Show changes to files as diffs; `'full'`: even long ones in full. Default false. */
  readonly diff?: boolean | 'full';
}

/**
 * Reports a run as `play` does at a terminal: what changes, what fails and what to do about it, and a recap. It may
 * report several runs, one after the other.
 *
 * @example await runner.run(playbook, { listener: humanReport({ diff: true }) })
 */
export function humanReport({
  stream = process.stdout,
  verbosity = 0,
  diff = false,
}: HumanReportOptions = {}): RunListener {
  const style = styleFor(stream);
  let listener: ShownListener | undefined;
  return (event) => {
    // A run begins with its first play, or ends at once; both say whether it is check mode.
    if (event.event === 'play' || event.event === 'recap')
      listener ??= humanReportOf({
        stream: terminalOf(stream),
        style,
        check: event.check,
        diff,
        verbosity,
        footer: 'own',
      });
    listener?.(event);
    if (event.event === 'recap') listener = undefined;
  };
}

/**
 * Reports a run as `play --output jsonl` does: one JSON object per line for each event.
 *
 * @example await runner.run(playbook, { listener: jsonlReport() })
 */
export function jsonlReport({ stream = process.stdout, verbosity = 0 }: ReportOptions = {}): RunListener {
  return jsonlReportOf({ write: (text) => stream.write(text), verbosity });
}

/** A line that a command on a host wrote, secrets masked. */
export interface HostLine {
  /** The host's name in the inventory. */
  readonly host: string;
  /** Where it was written to. */
  readonly stream: 'stdout' | 'stderr';
  /** The line, without its end. */
  readonly text: string;
}

/**
 * Shows lines from many hosts as `play run` does: after the host's name, each name in a colour of its own, or as
 * JSON lines.
 *
 * @param hosts the hosts whose names are padded to the same width
 * @example await runner.shell('web1', 'uptime', { onLine: lineReport(['web1']) })
 */
export function lineReport(hosts: readonly string[], output: 'human' | 'jsonl' = 'human'): (line: HostLine) => void {
  const width = Math.max(0, ...hosts.map((host) => host.length));
  const report = commandReport({ form: output, oneLine: false, width, redact: (text) => text });
  return (line) => report({ event: 'line', ...line });
}

/** The colours that a stream can show, if any. NO_COLOR and FORCE_COLOR are honoured. */
export function styleFor(stream: NonNullable<ReportOptions['stream']>): Style {
  return makeStyle(wantsColour({ isTTY: stream.isTTY === true }));
}

/**
 * Makes text from elsewhere safe as part of one line: line breaks and everything that could move a cursor are escaped.
 *
 * @example escapeControls('a\nok  web1')  // 'a\\nok  web1'
 */
export function escapeControls(text: string): string {
  return said(text);
}

/**
 * An error as `play` prints it: what, where and what to do.
 *
 * @example if (error instanceof PlayError) process.stderr.write(errorText(error));
 */
export function errorText(error: PlayError): string {
  const redactor = new Redactor();
  const style = styleFor(process.stderr);
  return describeError(error, { style, debug: false, redact: (text) => redactor.redact(text), ownFolders: [] }).text;
}

/** What a stream lacks of a terminal is what only terminals are asked for. */
function terminalOf(stream: NonNullable<ReportOptions['stream']>) {
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    write: (text: string) => stream.write(text),
  };
}
