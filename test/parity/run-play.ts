import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  connect,
  ConnectionLost,
  uidSh,
  Unreachable,
  type Connection,
  type Lane,
  type Target,
} from '../../src/connection/index.ts';
import type { Event, RecapEvent, TaskEvent } from '../../src/engine/index.ts';
import { loadInventory } from '../../src/inventory/index.ts';
import { definePlaybook, tagList } from '../../src/playbook/index.ts';
import { execute, prepareRun, type PreparedRun } from '../../src/run/index.ts';
import { caseHosts, countText, type Outcome, type ParityCase } from './case.ts';
import { lost } from './mark.ts';
import { readMarks } from './run-ansible.ts';

export interface PlayOutcome extends Outcome {
  readonly events: readonly Event[];
  /** `host told`, in the order of the whole run. */
  readonly order: readonly string[];
  /** Tasks of which check mode says that it cannot be sure. */
  readonly unsure: readonly string[];
}

/** A case, read as the command line would. */
export function prepareCase(one: ParityCase): PreparedRun {
  const { limit, tags, skipTags, extraVars = {}, startAtTask } = one.options ?? {};
  return prepareRun({
    playbook: definePlaybook(one.play()),
    file: import.meta.filename,
    inventory: loadInventory({ sources: [`${caseHosts(one).join(',')},`] }),
    limit,
    tags: { only: tagList(tags), skip: tagList(skipTags) },
    extraVars,
    become: false,
    becomeUser: 'root',
    becomeMethod: 'sudo',
    becomePassword: undefined,
    ...(startAtTask === undefined ? {} : { startAtTask }),
  });
}

/** Runs a case with play on hosts that are all this machine, each with a file of its own for its marks. */
export async function runCase(one: ParityCase, home: string, check = false): Promise<PlayOutcome> {
  const marks = join(home, 'marks');
  mkdirSync(marks, { recursive: true });
  const events: Event[] = [];
  await execute(prepareCase(one), {
    check,
    forks: 5,
    target: (name) => ({ name, transport: 'local', address: name }),
    connect: (target) => pretend(target, { home, marks, gone: one.options?.gone ?? [] }),
    listener: (event) => events.push(event),
    forceHandlers: one.options?.forceHandlers ?? false,
  });
  return outcomeOf(events, marks);
}

function outcomeOf(events: readonly Event[], marks: string): PlayOutcome {
  const told: Record<string, string[]> = {};
  const order: string[] = [];
  const unsure: string[] = [];
  for (const event of events) {
    if (!('host' in event) || event.host === null) continue;
    const line = lineOf(event);
    if (line === undefined) continue;
    (told[event.host] ??= []).push(line);
    order.push(`${event.host} ${line}`);
    if ('may' in event && event.may !== null) unsure.push(`${event.host} ${line}`);
  }
  const recap = events.find((event): event is RecapEvent => event.event === 'recap');
  if (!recap) throw new Error('a run without a recap');
  const counts = Object.fromEntries(Object.entries(recap.hosts).map(([host, one]) => [host, countText({ ...one })]));
  return { told, recap: counts, marks: readMarks(marks), exit: recap.exit, events, order, unsure };
}

function lineOf(event: Event): string | undefined {
  if (event.event === 'unreachable') return 'unreachable';
  if (event.event !== 'task' && event.event !== 'handler') return undefined;
  return `${event.status} ${event.event === 'handler' ? 'handler ' : ''}${nameOf(event)}${event.ignored ? ' (ignored)' : ''}`;
}

function nameOf({ role, task }: TaskEvent): string {
  return role === null ? task : `${role} : ${task}`;
}

interface Pretence {
  readonly home: string;
  readonly marks: string;
  readonly gone: readonly string[];
}

/** This machine in the role of one host; its connection is lost where a task says so. */
async function pretend(target: Target, { home, marks, gone }: Pretence): Promise<Connection> {
  if (gone.includes(target.name)) throw new Unreachable(`${target.name} is gone`);
  const connection = await connect(target);
  const own = join(home, 'state', target.name);
  mkdirSync(own, { recursive: true });
  // Not root's folder for what handlers are owed: all hosts have that one in common here.
  const head = `PARITY_MARKS='${join(marks, target.name)}'; XDG_STATE_HOME='${own}'; export PARITY_MARKS XDG_STATE_HOME; id() { echo 1000; }\n`;
  const dressedScript = (script: string): string => head + script.replaceAll(uidSh, 'uid=1000');
  const dressed = new WeakMap<Lane, Lane>();
  const dress = (lane: Lane): Lane => ({
    greeting: lane.greeting,
    get exchanges() {
      return lane.exchanges;
    },
    exchange: async (requests, onReply) => {
      const end = requests.findIndex((request) => request.args?.includes(lost));
      const replies = await lane.exchange(
        requests
          .slice(0, end < 0 ? undefined : end)
          .map((request) => ({ ...request, script: dressedScript(request.script) })),
        onReply,
      );
      // The host finishes what it was sent before.
      if (end >= 0) throw new ConnectionLost(`${target.name} is lost`, replies);
      return replies;
    },
    close: () => lane.close(),
  });
  return {
    target,
    description: connection.description,
    lane: async () => {
      const lane = await connection.lane();
      const known = dressed.get(lane) ?? dress(lane);
      dressed.set(lane, known);
      return known;
    },
    live: (command) => connection.live(command),
    close: () => connection.close(),
  };
}
