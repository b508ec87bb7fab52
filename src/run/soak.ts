import { setTimeout as sleep } from 'node:timers/promises';
import { filterItems, flatten, type Canary, type HostTasks } from '../playbook/index.ts';
import type { PreparedPlay, RunOptions } from './types.ts';

interface Soak {
  readonly canary: Canary;
  /** The hosts that are watched. */
  readonly hosts: readonly string[];
  readonly check: boolean;
  readonly listener: RunOptions['listener'];
  readonly signal: AbortSignal | undefined;
  /** Asks the gate of each of them once more. @returns whether it holds on all of them */
  readonly look: () => Promise<boolean>;
}

/** Watches the first hosts of a roll-out for their time. @returns false where the gate failed, or the run was interrupted */
export async function soakCanary({ canary, hosts, check, listener, signal, look }: Soak): Promise<boolean> {
  const { soak, interval = 30 } = canary;
  const names = hosts.join(', ');
  const notice = (text: string): void => listener({ event: 'notice', host: null, text });
  if (check) {
    notice(`canary ${names}: would be watched for ${soak} s before the others start`);
    return true;
  }
  notice(`canary ${names}: watched for ${soak} s before the others start`);
  const end = Date.now() + soak * 1000;
  for (;;) {
    const left = end - Date.now();
    if (left <= 0) break;
    for (const host of hosts)
      listener({ event: 'working', host, task: `canary, ${Math.ceil(left / 1000)} s left to watch it` });
    await sleep(Math.min(left, interval * 1000), undefined, signal ? { signal } : {}).catch(() => undefined);
    if (signal?.aborted || !(await look())) return false;
  }
  notice(`canary ${names}: the gate held for ${soak} s`);
  return true;
}

/** Of a play the tasks that its canary is watched by. */
export function watchingPlay(play: PreparedPlay): PreparedPlay {
  return { ...play, selected: new Map([...play.selected].map(([host, list]) => [host, watchingTasks(list)])) };
}

function watchingTasks(list: HostTasks): HostTasks {
  const gate = filterItems(list.items, (one) => one.gate?.when === 'after');
  return { ...list, items: gate, tasks: gate.flatMap(flatten), cleanups: [] };
}

/** What is told of a look at a canary: only what goes wrong, as the gate itself was told already. */
export function quietly(listener: RunOptions['listener']): RunOptions['listener'] {
  return (event) => {
    const isTask = event.event === 'task' || event.event === 'handler';
    if (isTask ? event.status === 'failed' || event.status === 'unreachable' : event.event !== 'notice')
      listener(event);
  };
}
