import { connect, type Connection, type SecretText, type Target } from '../../src/connection/index.ts';
import type { BackupRule, Event, RecapEvent, TaskEvent } from '../../src/engine/index.ts';
import { loadInventory } from '../../src/inventory/index.ts';
import { definePlaybook, type PlaySpec } from '../../src/playbook/index.ts';
import { execute, prepareRun } from '../../src/run/index.ts';

export interface RunPlayOptions {
  /** How the play's hosts are reached; default: this machine, without ssh. */
  readonly target?: (host: string) => Target;
  /** Default: a connection of its own for each run. */
  readonly connect?: (target: Target) => Promise<Connection>;
  /** Default `web1,`. */
  readonly inventory?: string;
  readonly check?: boolean;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly extraVars?: Readonly<Record<string, unknown>>;
  readonly becomePassword?: SecretText;
  readonly signal?: AbortSignal;
  /** Compare the run with its own forecast. Default false. */
  readonly foretells?: boolean;
  /** What hosts keep of files that are changed; default nothing. */
  readonly backups?: BackupRule;
  /** Hosts at once; default 5. */
  readonly forks?: number;
}

export interface PlayRun {
  readonly events: readonly Event[];
  readonly tasks: readonly TaskEvent[];
  readonly recap: RecapEvent;
  /** `changed template /etc/motd`, in the order told. */
  readonly told: readonly string[];
  /** Round trips of requests, over all lanes. */
  readonly exchanges: number;
}

/** Runs plays as the command line would, from plays to events. */
export async function runPlay(plays: PlaySpec | readonly PlaySpec[], options: RunPlayOptions = {}): Promise<PlayRun> {
  const events: Event[] = [];
  const prepared = prepareRun({
    playbook: definePlaybook(plays),
    file: import.meta.filename,
    inventory: loadInventory({ sources: [options.inventory ?? 'web1,'] }),
    limit: undefined,
    tags: { only: options.tags ?? [], skip: options.skipTags ?? [] },
    extraVars: options.extraVars ?? {},
    become: false,
    becomeUser: 'root',
    becomeMethod: 'sudo',
    becomePassword: options.becomePassword,
  });
  const recap = await execute(prepared, {
    check: options.check ?? false,
    forks: options.forks ?? 5,
    target: options.target ?? ((name) => ({ name, transport: 'local', address: name })),
    connect: options.connect ?? connect,
    listener: (event) => events.push(event),
    trace: true,
    foretells: options.foretells ?? false,
    ...(options.backups ? { backups: options.backups } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const tasks = events.filter((event): event is TaskEvent => event.event === 'task' || event.event === 'handler');
  const told = tasks.map((event) => `${event.status} ${event.event === 'handler' ? 'handler ' : ''}${event.task}`);
  return { events, tasks, recap, told, exchanges: events.filter((event) => event.event === 'sent').length };
}
