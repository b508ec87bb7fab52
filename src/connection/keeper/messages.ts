import type { LaneGreeting } from '../types.ts';
import type { Way } from './way.ts';

/**
 * More connections than this are not held: beyond a fleet that somebody works on by hand they cost more than they save.
 */
export const mostHeld = 100;

/** The account of a lane: the empty string is the login's own. */
export interface WarmAccount {
  readonly user: string;
  readonly method: 'sudo' | 'su' | 'doas';
}

/** A connection that is to wait for the next run. */
export interface Hold {
  readonly way: Way;
  /** Seconds without a run until it is closed. */
  readonly seconds: number;
  /** Accounts whose lanes are started beforehand, besides the login's; none of them needed a password. */
  readonly accounts: readonly WarmAccount[];
}

/** A lane that was started beforehand. */
export interface WarmLane {
  /** As `laneName` has it. */
  readonly name: string;
  readonly greeting: LaneGreeting;
}

/** How a conversation with a keeper begins. */
export type KeeperRequest =
  /** Is there a connection of this key, and does it work? It is in use for as long as the conversation lasts. */
  | { readonly ask: 'attach'; readonly by: string; readonly key: string }
  /** One of its lanes; whoever comes first has it. */
  | { readonly ask: 'lane'; readonly by: string; readonly key: string; readonly name: string }
  | { readonly ask: 'exec'; readonly by: string; readonly key: string; readonly command: string; readonly pty: boolean }
  | { readonly ask: 'hold'; readonly by: string; readonly holds: readonly Hold[] }
  /** All connections to these places are closed; those in use as soon as they no longer are. */
  | { readonly ask: 'drop'; readonly by: string; readonly places: readonly string[] };

export type KeeperReply =
  /** It has heard, and what it says next may take as long as the host does. */
  | { readonly say: 'wait' }
  | { readonly say: 'attached'; readonly user: string; readonly lanes: readonly WarmLane[] }
  | { readonly say: 'open' }
  | { readonly say: 'done' }
  /** It has nothing of that kind, or is of another build. */
  | { readonly say: 'no' }
  /** The channel could not be opened. */
  | { readonly say: 'failed'; readonly message: string }
  | { readonly say: 'exit'; readonly code: number | null; readonly message?: string };

/** @param account undefined: the login's own */
export function laneName(account: WarmAccount | undefined): string {
  return account === undefined ? '' : `${account.method} ${account.user}`;
}
