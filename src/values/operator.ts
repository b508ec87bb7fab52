import { hostname, userInfo } from 'node:os';

/** Who runs play, and where, as records and other people are told. @example operatorName()  // 'anna@laptop' */
export function operatorName(): string {
  return `${userInfo().username}@${hostname()}`;
}
