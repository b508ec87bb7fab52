/**
 * Reaching a host and running things there. Imports errors only.
 *
 *     connect.ts        a target -> a connection: which transport, through which jump hosts
 *     connection.ts     a transport with its lanes, one an account
 *     start.ts become.ts prompt-watch.ts lane-program.ts    a lane comes up: sudo and its prompts, the shell program on
 *     the host
 *     lane.ts lane-frame.ts reply-parser.ts live.ts    what is said with it then; byte-source.ts: what is read only while it
 *     is sent
 *     transport.ts      what carries commands: ssh2.ts and ssh2-transport.ts, openssh.ts (askpass.ts), local.ts
 *     keeper/           connections that wait for the next run: the process that holds them, and what a run says to it
 *     ssh-config.ts     what `ssh -G` says; ssh-settings.ts: whether ssh2 can honour it; ssh2-auth.ts, private-key.ts,
 *     host-key.ts, known-hosts.ts
 */
export type * from './types.ts';
export { inputBytes, isSource, type ByteSource, type Input } from './byte-source.ts';
export {
  BecomeFailed,
  ConnectionLost,
  HostKeyChanged,
  HostKeyUnknown,
  NoSuchAccount,
  Unreachable,
  type PresentedKey,
} from './errors.ts';
export { NotLetIn } from './network-errors.ts';
export { recordPresentedKey } from './host-key.ts';
export { makeAskpass } from './askpass.ts';
export { askSshAhead, connect } from './connect.ts';
export { Keeping } from './keeper/keeping.ts';
export { knownHostLines } from './known-hosts.ts';
export { quoteArgument } from './lane-frame.ts';
export { LANE_PATH } from './lane-program.ts';
export { privateFolder } from './private-folder.ts';
export { uidSh } from './uid-sh.ts';
export { sshOptions } from './ssh-config.ts';
export { wayTo } from './ssh-settings.ts';
