import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { stateFolder } from './failed-hosts.ts';

/**
 * What there is of a run: its record; what it printed since its terminal was left; how far it is and what it is doing, as
 * long as it goes on; the answer to what it asks.
 */
export const runFileKinds = ['jsonl', 'log', 'marks', 'now', 'answer'] as const;

export function recordsFolder(): string {
  return join(stateFolder(), 'runs');
}

export function runFile(id: string, kind: (typeof runFileKinds)[number]): string {
  return join(recordsFolder(), `${id}.${kind}`);
}

/** A process, so that another one that has its number by now is not taken for it. */
export interface KnownProcess {
  readonly pid: number;
  readonly machine: string;
  /** When it began, in ticks since the boot (proc(5)); undefined where the system does not tell. */
  readonly birth?: string | undefined;
}

export function thisProcess(): KnownProcess {
  return { pid: process.pid, machine: hostname(), birth: statOf(process.pid)?.[19] };
}

/** Whether it still runs, on this machine. */
export function isAlive({ pid, machine, birth }: KnownProcess): boolean {
  if (machine !== hostname()) return false;
  const now = statOf(pid);
  if (now !== undefined && (now[0] === 'Z' || (birth !== undefined && now[19] !== birth))) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // Of another user, and there.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

/** The fields of proc(5)'s `stat` behind the name, which may hold anything: the state is the first. */
export function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
