import type { Secret } from '../secrets/index.ts';

/** What a notification may be of: a run begins; it ends, however; it ends with another exit code than 0. */
export const notifyMoments = ['start', 'end', 'failure'] as const;
export type NotifyMoment = (typeof notifyMoments)[number];

/** Where runs announce themselves; from `play.config.ts` alone. */
export interface NotifySettings {
  /** A webhook that takes Slack's form: `{"text": ...}` by POST. */
  readonly url: string | Secret;
  /** Default: all. */
  readonly on?: readonly NotifyMoment[] | undefined;
}

/** What commands take of it that change hosts. */
export interface NotifyFlags {
  readonly notify?: NotifySettings;
}
