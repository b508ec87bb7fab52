import type { WantedFile } from '../kit/file-content.ts';
import type { WantedTable } from './nftables.ts';

export type Colour = 'red' | 'black';
export const bothColours = ['red', 'black'] as const;
export const otherThan = (colour: Colour): Colour => (colour === 'red' ? 'black' : 'red');

/** One of the two, as it shall be. */
export interface Instance {
  readonly colour: Colour;
  /** With its suffix. */
  readonly unit: string;
  readonly port: number;
  readonly files: readonly WantedFile[];
  /** An address, or a command; undefined: it listens on its port. */
  readonly health: string | readonly string[] | undefined;
  /** A metric, or a command that prints a number; undefined: its connections. */
  readonly inFlight: { readonly url: string; readonly metric: string } | readonly string[] | undefined;
}

/** What leads clients to the live one. */
export type Pointer =
  | {
      readonly by: 'file';
      readonly file: string;
      /** What it holds, by who is live. */
      readonly texts: Readonly<Record<Colour, string>>;
      /** With its suffix. */
      readonly reload: string;
      readonly validate?: string | undefined;
      readonly oldProcesses: boolean;
    }
  | { readonly by: 'port'; readonly tables: Readonly<Record<Colour, WantedTable>> };

/** All that the task says. */
export interface Wanted {
  readonly name: string;
  readonly red: Instance;
  readonly black: Instance;
  readonly pointer: Pointer;
  readonly reads: readonly string[];
  readonly front?: string | undefined;
  /** Seconds. */
  readonly healthTimeout: number;
  readonly drainTimeout: number;
  readonly onTimeout: 'fail' | 'stop' | 'wait' | 'leave';
  readonly rollback: boolean;
}

export interface RedBlackResult {
  /** The side that is live afterwards: `red` or `black`. */
  readonly live: Colour;
  /** Its port. */
  readonly port: number;
  /** Whether the pointer was moved to it in this run. */
  readonly switched: boolean;
}

/** What an instance must do to count as healthy, for people. */
export function toldHealth({ health, unit, port }: Instance): string {
  if (health === undefined) return `${unit} listens on port ${port}`;
  return typeof health === 'string' ? `${health} answers` : `"${health.join(' ')}" ends with 0`;
}

/** What an instance has in flight, for people. */
export function toldInFlight({ inFlight, port }: Instance): string {
  if (inFlight === undefined) return `connections to port ${port}`;
  return 'metric' in inFlight ? inFlight.metric : `"${inFlight.join(' ')}"`;
}

const afterwards: Readonly<Record<Wanted['onTimeout'], string>> = {
  fail: 'then the task fails',
  stop: 'then it is stopped',
  wait: 'then longer',
  leave: 'then it goes on until the next run',
};

/** How an instance is waited for, for people. @param mustEnd whether it is in the way of the new one */
export function toldDrain(instance: Instance, { drainTimeout, onTimeout, pointer }: Wanted, mustEnd: boolean): string {
  const { unit } = instance;
  const old = pointer.by === 'file' && pointer.oldProcesses ? `, and old processes of ${pointer.reload}` : '';
  const then = afterwards[mustEnd && onTimeout === 'leave' ? 'fail' : onTimeout];
  return `${unit} until 0 are left: ${toldInFlight(instance)}${old}; ${drainTimeout} s at most, ${then}`;
}
