import { predict, type Found, type Prediction } from '../../contract/index.ts';
import { shadowExpiry } from '../../probes/index.ts';

const day = 86_400;

/** The day an account ends, as useradd(8) takes it (`2027-01-31`), or `never`. @param expires seconds since 1970, or either of these */
export function expiryOf(expires: string | number): string {
  if (typeof expires === 'string') return expires;
  return expires < 0 ? 'never' : dateOf(Math.floor(expires / day));
}

/** Whether a text is a day that there is. */
export function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at) && dateOf(at / 1000 / day) === text;
}

/** When an account ends, as `expiryOf` has it. */
export function expiryFound(name: string, found: Found): string {
  const days = found.get(shadowExpiry(name));
  return days === null || days < 0 ? 'never' : dateOf(days);
}

export function expiryAfter(name: string, expires: string | undefined): Prediction[] {
  if (expires === undefined) return [];
  return [predict(shadowExpiry(name), expires === 'never' ? null : Date.parse(`${expires}T00:00:00Z`) / 1000 / day)];
}

const dateOf = (days: number): string => new Date(days * day * 1000).toISOString().slice(0, 10);
