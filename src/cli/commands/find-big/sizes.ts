import { PlayError } from '../../../errors/index.ts';
import type { Big } from './big-script.ts';

const units = ['K', 'M', 'G', 'T'];

/**
 * Reads a size: `500M`, `2G`, in steps of 1024.
 *
 * @throws PlayError for anything else
 */
export function parseSize(option: string, text: string): number {
  const [, amount, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)\s?([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(amount) * 1024 ** (units.indexOf(unit.toUpperCase()) + 1));
  if (amount === undefined || bytes < 1)
    throw new PlayError(`${option} needs a size, not "${text}"`, { hint: 'Such as 500M or 2G.' });
  return bytes;
}

/** @example sizeText(1610612736)  // '1.5G' */
export function sizeText(bytes: number): string {
  let rest = bytes;
  let unit = '';
  for (const next of units) {
    if (rest < 1024) break;
    rest /= 1024;
    unit = next;
  }
  return `${rest < 10 && unit !== '' ? rest.toFixed(1) : Math.round(rest)}${unit}`;
}

/** @example ageText(7200)  // '2h' */
export function ageText(seconds: number): string {
  const age = Math.max(0, seconds);
  if (age < 3600) return `${Math.floor(age / 60)}m`;
  return age < 48 * 3600 ? `${Math.floor(age / 3600)}h` : `${Math.floor(age / 86_400)}d`;
}

/**
 * What to show of what takes room: a folder counts by what lies in it apart from what is listed for itself, so that `/`
 * and all on the way down are not listed for one big file.
 */
export function worthTelling(found: readonly Big[], min: number): Big[] {
  const folders = found.filter(({ kind }) => kind === 'folder').toSorted((a, b) => b.path.length - a.path.length);
  const listed: Big[] = found.filter(({ kind }) => kind !== 'folder');
  const counted = listed.filter(({ kind }) => kind === 'file');
  for (const folder of folders) {
    const prefix = folder.path === '/' ? '/' : `${folder.path}/`;
    const within = counted.filter(({ path }) => path.startsWith(prefix));
    const left = folder.size - within.reduce((sum, { size }) => sum + size, 0);
    if (left < min) continue;
    const own = { ...folder, size: left };
    listed.push(own);
    counted.push(own);
  }
  return listed.toSorted((a, b) => b.size - a.size);
}
