/** Reaching a host and running things there: transports, lanes, known_hosts. Imports errors only. */
export type * from './types.ts';
export { BecomeFailed, ConnectionLost, HostKeyChanged, Unreachable } from './errors.ts';
export { connect } from './connect.ts';
