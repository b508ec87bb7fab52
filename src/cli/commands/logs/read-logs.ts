import { setTimeout as sleep } from 'node:timers/promises';
import { BecomeFailed, connect, Unreachable, type Become, type Connection } from '../../../connection/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { runLive } from '../../../runner/live.ts';
import type { Redactor } from '../../../secrets/index.ts';
import type { ChosenHosts } from '../../../targets/chosen-hosts.ts';
import { shortReason } from '../../../targets/unreachable.ts';
import { isOwn, journalArguments, journalScript, readEntry } from './journal.ts';
import { FilePlace, fileArguments, fileScript, isReplaced } from './log-file.ts';
import type { Cursor, LogLine } from './log-line.ts';
import type { LogFlags } from './logs-command.ts';

/** Says something of a host that is no line of a log. */
export type Said = (host: string, text: string) => void;

export interface LogReading {
  readonly host: string;
  readonly chosen: ChosenHosts;
  readonly flags: LogFlags;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  readonly tell: Said;
  readonly hear: (line: LogLine) => void;
}

/** A source of lines: what it is asked for, and what an answer means. */
interface Source {
  readonly script: string;
  /** Says where to go on, on another connection. */
  arguments(): readonly string[];
  read(text: string): LogLine | undefined;
  /** What it says to stderr. @returns whether people are to hear it */
  said(text: string): boolean;
}

/** Seconds before each try to reach a lost host again; the last one for all that follow. */
const pauses = [1, 2, 5, 10];

/**
 * Reads a host's log to its end; with `--follow` until Ctrl-C, over as many connections as it takes: what was read is
 * not read again, and what came meanwhile is not lost.
 *
 * @throws PlayError where it cannot be read; Unreachable, unless it was followed already
 */
export async function readLogs(reading: LogReading): Promise<void> {
  const { host, chosen, flags, signal, tell } = reading;
  const source = flags.file === undefined ? journalSource(host, flags) : fileSource(host, flags.file, flags);
  let wasThere = false;
  for (let lost = 0; !signal.aborted;) {
    let connection: Connection | undefined;
    try {
      connection = await connect(chosen.target(host));
      if (lost > 0) tell(host, 'the connection is back');
      await readOver(reading, connection, source, () => {
        wasThere = true;
        lost = 0;
      });
      if (!flags.follow || signal.aborted) return;
      // journalctl is ended by what restarts its daemon: it is asked again, as a lost link is.
      throw new Unreachable('the log ended by itself');
    } catch (thrown) {
      if (signal.aborted) return;
      if (!(thrown instanceof Unreachable) || !flags.follow || !wasThere) throw thrown;
      if (lost === 0) tell(host, `${shortReason(thrown, host)}: trying again`);
      const pause = pauses[Math.min(lost, pauses.length - 1)] ?? 1;
      lost++;
      await sleep(pause * 1000, undefined, { signal }).catch(() => undefined);
    } finally {
      await connection?.close().catch(() => undefined);
    }
  }
}

/** Reads as whom -b names, else as root where we may, since logs are seldom for everybody. */
async function readOver(
  reading: LogReading,
  connection: Connection,
  source: Source,
  onStart: () => void,
): Promise<void> {
  const { host, chosen, tell } = reading;
  const asked = chosen.asked(host);
  const { uid, user } = (await connection.lane()).greeting;
  if (asked !== undefined || uid === 0) return await readAs(reading, connection, asked, source, onStart);
  try {
    await readAs(reading, connection, chosen.become(host, 'root'), source, onStart);
  } catch (thrown) {
    if (!(thrown instanceof BecomeFailed)) throw thrown;
    tell(host, `read as ${user}, who may not see everything: becoming root failed`);
    await readAs(reading, connection, undefined, source, onStart);
  }
}

async function readAs(
  { host, redactor, signal, tell, hear }: LogReading,
  connection: Connection,
  become: Become | undefined,
  source: Source,
  onStart: () => void,
): Promise<void> {
  let hasSaid = false;
  const code = await runLive(connection, source.script, {
    args: source.arguments(),
    become,
    redactor,
    signal,
    onStart,
    onLine(stream, text) {
      if (stream === 'stdout') {
        const line = source.read(text);
        if (line !== undefined) hear(line);
      } else if (source.said(text) && !signal.aborted) {
        hasSaid = true;
        tell(host, text);
      }
    },
  });
  // journalctl ends with 1, and no word, where --grep finds nothing.
  if (code !== 0 && !(code === 1 && !hasSaid) && !signal.aborted)
    throw new PlayError(`${host} did not return its log (code ${code})`, {
      exitCode: ExitCode.hostFailed,
    });
}

function journalSource(host: string, flags: LogFlags): Source {
  let cursor: Cursor | undefined;
  let own: ReadonlySet<string> = new Set();
  return {
    script: journalScript,
    arguments: () => journalArguments(flags, cursor),
    read(text) {
      const [, pids] = /^@own([ \d]*)$/.exec(text) ?? [];
      if (pids !== undefined) {
        own = new Set(pids.split(' '));
        return undefined;
      }
      const entry = readEntry(host, text);
      cursor = entry.cursor ?? cursor;
      return isOwn(entry.line, own) ? undefined : entry.line;
    },
    said: () => true,
  };
}

function fileSource(host: string, file: string, flags: LogFlags): Source {
  const place = new FilePlace();
  return {
    script: fileScript,
    arguments() {
      place.restart();
      return fileArguments(file, flags, place);
    },
    read(text) {
      if (!place.hear(text)) return undefined;
      return { host, time: flags.follow ? Date.now() : undefined, source: '', text };
    },
    said(text) {
      if (isReplaced(text)) place.lose();
      // tail(1) says for itself what becomes of the file.
      return true;
    },
  };
}
