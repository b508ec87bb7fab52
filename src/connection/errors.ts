import { ExitCode, PlayError, type PlayErrorData } from '../errors/index.ts';
import type { LaneReply } from './types.ts';

export interface UnreachableData extends PlayErrorData {
  /** Nobody answers at its address: the host's name in the inventory, or that of a jump host. */
  readonly silentHost?: string;
}

/** The host could not be reached or did not accept the login: network, host key, authentication, become. */
export class Unreachable extends PlayError {
  /** Its class. */
  override name = 'Unreachable';
  /** The host that does not answer; undefined if it did answer, but refused the login. */
  readonly silentHost: string | undefined;
  constructor(what: string, { silentHost, ...data }: UnreachableData = {}) {
    super(what, { exitCode: ExitCode.unreachable, ...data });
    this.silentHost = silentHost;
  }
}

/** The host's key is not the one on record: a hard stop, never a question. */
export class HostKeyChanged extends Unreachable {
  override name = 'HostKeyChanged';
}

/** A key that a host presented and that nobody has vouched for yet, with the place where it would be recorded. */
export interface PresentedKey {
  readonly file: string;
  readonly host: string;
  readonly port: number;
  readonly key: Buffer;
  /** Record a hash in place of the name (HashKnownHosts). */
  readonly hashed: boolean;
  /** As `ssh-keygen -l` prints it: type and fingerprint. */
  readonly text: string;
}

/** The host was never seen before. */
export class HostKeyUnknown extends Unreachable {
  override name = 'HostKeyUnknown';
  /** Undefined where OpenSSH refused it, since it does not say. */
  readonly presented: PresentedKey | undefined;
  constructor(what: string, presented: PresentedKey | undefined, data: PlayErrorData = {}) {
    super(what, data);
    this.presented = presented;
  }
}

/**
 * `sudo` (or su, doas) refused: wrong password, none given, not allowed. A failure of the host (exit 2), as in Ansible.
 */
export class BecomeFailed extends PlayError {
  /** Its class. */
  override name = 'BecomeFailed';
  constructor(what: string, data: PlayErrorData = {}) {
    super(what, { exitCode: ExitCode.hostFailed, ...data });
  }
}

/** The account to become is not there. It may come: a play can make it first. */
export class NoSuchAccount extends BecomeFailed {
  override name = 'NoSuchAccount';
}

/**
 * A request that cannot be sent to any host. Options are checked at the desk, so it was made from what the host sent
 * before.
 */
export class Unsendable extends PlayError {
  override name = 'Unsendable';
  constructor(why: string) {
    super(`what the host sent cannot be used: ${why}`, { exitCode: ExitCode.hostFailed });
  }
}

/** The connection ended in the middle of an exchange. */
export class ConnectionLost extends Unreachable {
  override name = 'ConnectionLost';
  readonly replies: readonly LaneReply[];
  constructor(what: string, replies: readonly LaneReply[], data: PlayErrorData = {}) {
    super(what, data);
    this.replies = replies;
  }
}
