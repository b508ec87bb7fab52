/** An array, as `mdadm --detail` tells of it. */
export interface RaidArray {
  /** `raid5` ... */
  readonly level: string;
  readonly raidDevices: number;
  /** `clean`, `active`, `clean, degraded, recovering` ... */
  readonly state: string;
  /** How far data is spread over new devices, such as `12% complete`; undefined while it is not. */
  readonly reshape: string | undefined;
  readonly active: readonly string[];
  readonly spare: readonly string[];
}

/** Reads it; of an empty text it is an array of nothing. */
export function arrayOf(detail: string): RaidArray {
  const field = (name: string): string | undefined => new RegExp(`^ *${name} : (.*?) *$`, 'm').exec(detail)?.[1];
  const devices = [...detail.matchAll(/^ +\d+ .*? (active sync|spare rebuilding|spare)\b.* (\/dev\/\S+)$/gm)];
  const inState = (state: RegExp): string[] =>
    devices.filter(([, found = '']) => state.test(found)).map(([, , device = '']) => device);
  return {
    level: field('Raid Level') ?? '',
    raidDevices: Number(field('Raid Devices') ?? 0),
    state: field('State') ?? '',
    reshape: field('Reshape Status'),
    active: inState(/^active sync$/),
    spare: inState(/^spare$/),
  };
}
