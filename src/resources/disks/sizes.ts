const powers = ['b', 'k', 'm', 'g', 't', 'p', 'e'];

/** Bytes of a size as LVM's tools take it: `20G`, `1.5t`, `512` (MiB), `8192s` (sectors); undefined for none. Units are powers of 1024. */
export function bytesOf(size: string): number | undefined {
  const [, number, unit = 'm'] =
    /^(\d+(?:\.\d+)?)([bskmgtpe]?)(?:i?b)?$/i.exec(size)?.map((part) => part || undefined) ?? [];
  if (number === undefined) return undefined;
  const small = unit.toLowerCase();
  return Math.round(Number(number) * (small === 's' ? 512 : 1024 ** powers.indexOf(small)));
}

/** A part of something in percent: `100%FREE`. */
export interface Share {
  readonly percent: number;
  readonly of: 'VG' | 'PVS' | 'FREE' | 'ORIGIN';
}

/** A size in percent; undefined where it is none. */
export function shareOf(size: string): Share | undefined {
  const [, percent, of] = /^(\d+)%(VG|PVS|FREE|ORIGIN)$/i.exec(size) ?? [];
  const word = (['VG', 'PVS', 'FREE', 'ORIGIN'] as const).find((one) => one === of?.toUpperCase());
  return percent === undefined || word === undefined ? undefined : { percent: Number(percent), of: word };
}
