/** A survey on disk: it takes minutes, and is the same until code or project change. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Survey } from './survey.ts';

/** Of the contents of files, and of all files below folders. */
export function stampOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else hash.update(`${path}\0`).update(readFileSync(path));
  };
  for (const path of paths) add(path);
  return hash.digest('hex').slice(0, 16);
}

export function surveyText(survey: Survey, stamp: string): string {
  const plain = (_: string, value: unknown): unknown =>
    value instanceof Map ? { map: [...value] } : value instanceof Set ? { set: [...value] } : value;
  return JSON.stringify({ stamp, survey }, plain);
}

export function readSurvey(file: string, stamp: string): Survey | undefined {
  if (!existsSync(file)) return undefined;
  const kept: { readonly stamp: string; readonly survey: Survey } = JSON.parse(readFileSync(file, 'utf8'), (_, value) =>
    Array.isArray(value?.map) ? new Map(value.map) : Array.isArray(value?.set) ? new Set(value.set) : value,
  );
  return kept.stamp === stamp ? kept.survey : undefined;
}
