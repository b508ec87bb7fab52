import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export type MentionKind =
  | 'monitoring targets'
  | 'firewall rules'
  | 'certificates'
  | 'known_hosts'
  | 'variables of the host'
  | 'playbooks'
  | 'documents'
  | 'other mentions';

/** A file of the project that names a host or its address. */
export interface Mention {
  readonly kind: MentionKind;
  /** Relative to the project. */
  readonly file: string;
  /** From 1; empty for a file that is all about the host. */
  readonly lines: readonly number[];
  /** The YAML variable or INI section the lines stand under. */
  readonly under: string | undefined;
}

const skipped = /^(?:node_modules|dist|\..*)$/;
/** Names the folders and files of a project that say nothing of its hosts, a path a line. */
const ignoreFile = '.playignore';
const mostBytes = 1024 * 1024;

/**
 * Searches the project's files for names that stand alone: `web1` is not in `web1.example.org`, nor in `myweb1`.
 *
 * @param leaveOut files that are not looked into, beside what the project's `.playignore` names
 */
export function findMentions(project: string, names: readonly string[], leaveOut: readonly string[]): Mention[] {
  const ignored = ignoredIn(project);
  const [host = ''] = names;
  const pattern = new RegExp(
    `(?<![\\w.-])(?:${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})(?![\\w-]|\\.\\w)`,
    'i',
  );
  const found: Mention[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      const file = relative(project, path);
      if (
        ignored.has(file) ||
        (entry.isDirectory() ? skipped.test(entry.name) : !entry.isFile() || leaveOut.includes(path))
      )
        continue;
      if (isVariablesOf(file, host)) found.push({ kind: 'variables of the host', file, lines: [], under: undefined });
      else if (entry.isDirectory()) visit(path);
      else found.push(...inFile(path, file, pattern));
    }
  };
  visit(project);
  return found;
}

function ignoredIn(project: string): ReadonlySet<string> {
  const file = join(project, ignoreFile);
  if (!existsSync(file)) return new Set();
  const lines = readFileSync(file, 'utf8').split('\n');
  return new Set(lines.map((line) => line.trim().replace(/\/$/, '')).filter((line) => !/^(?:#|$)/.test(line)));
}

function isVariablesOf(file: string, host: string): boolean {
  const [folder, name = ''] = file.split('/').slice(-2);
  return folder === 'host_vars' && name.replace(/\.(?:ya?ml|json)$/, '') === host;
}

function inFile(path: string, file: string, pattern: RegExp): Mention[] {
  if (statSync(path).size > mostBytes) return [];
  const bytes = readFileSync(path);
  if (bytes.includes(0)) return [];
  const hits = new Map<string, { kind: MentionKind; under: string | undefined; lines: number[] }>();
  let under: string | undefined;
  for (const [index, line] of bytes.toString('utf8').split('\n').entries()) {
    if (/\.ya?ml$/.test(file)) under = /^([\w-]+):/.exec(line)?.[1] ?? under;
    if (!pattern.test(line)) continue;
    const kind = kindOf(file, under, line);
    const key = `${kind}\0${under ?? ''}`;
    const hit = hits.get(key) ?? { kind, under, lines: [] };
    hit.lines.push(index + 1);
    hits.set(key, hit);
  }
  return [...hits.values()].map((hit) => ({ file, ...hit }));
}

/** What the place says of itself: the variable first, then the line, then the path. */
function kindOf(file: string, under: string | undefined, line: string): MentionKind {
  if (/known_hosts/.test(file)) return 'known_hosts';
  if (/\.(?:md|rst|txt|adoc)$/.test(file)) return 'documents';
  for (const text of [under ?? '', line, file]) {
    if (/nft|iptables|firewall|ufw|[sd]addr|\bdport\b/i.test(text)) return 'firewall rules';
    if (/cert|dehydrated|acme|letsencrypt|\btls\b|\bssl\b/i.test(text)) return 'certificates';
    if (/blackbox|prometheus|targets?\b|scrape|netdata|alert|_jobs\b/i.test(text)) return 'monitoring targets';
  }
  return /(?:^|\/)playbooks\//.test(file) ? 'playbooks' : 'other mentions';
}
