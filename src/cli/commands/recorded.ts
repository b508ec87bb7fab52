import type { LoggedRun } from '../../engine/index.ts';
import { ExitCode } from '../../errors/index.ts';
import { loggedRun } from '../../operator/logged-run.ts';
import { startRecord, type RecordStart } from '../../operator/run-record.ts';

/** What a command that changes hosts without a playbook leaves on record. */
export interface Recorded {
  /** Hears what people are told, for the record of this machine. */
  readonly note: (host: string, text: string) => void;
  /** For the hosts' own logs. */
  readonly logged: LoggedRun;
}

/** Runs a command with a record of what it told. @returns its exit code */
export async function recorded(
  start: Omit<RecordStart, 'check' | 'folder'>,
  work: (record: Recorded) => Promise<number>,
): Promise<number> {
  const record = startRecord({ ...start, check: false });
  const logged = loggedRun({ id: record.id, kind: start.kind, redactor: start.redactor });
  let exit: number = ExitCode.internal;
  try {
    exit = await work({ note: (host, text) => record.note({ event: 'notice', host, text }), logged });
  } finally {
    await record.end(exit);
  }
  return exit;
}
