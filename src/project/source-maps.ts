import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, resolve } from 'node:path';
import { ofPlace } from '../playbook/index.ts';

/**
 * Makes stacks name the `.ts` lines. Node's own `--enable-source-maps` reads every map at start; this reads one when a
 * stack that needs it is looked at, which most runs never do.
 */
export function mapStacksToSources(): void {
  Error.prepareStackTrace = (error, sites) =>
    `${headOf(error)}${sites.map((site) => `\n    at ${frameText(site, ofPlace in error ? playbooks : mapped)}`).join('')}`;
}

/** What a build made of playbooks, and what is play's own as well. */
const playbooks = /[/\\]\.play[/\\]cache[/\\]/;
const mapped = /[/\\](?:dist[/\\]build-|\.play[/\\]cache[/\\])/;

function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

function frameText(site: NodeJS.CallSite, files: RegExp): string {
  // Not in @types/node: V8's call sites print themselves as the frames of a stack.
  const text = (site as { toString(): string }).toString();
  const file = site.getFileName();
  const line = site.getLineNumber();
  const column = site.getColumnNumber();
  if (!file || line === null || column === null || !files.test(file)) return text;
  const source = mapOf(file.replace(/^file:\/\//, ''))?.findEntry(line - 1, column - 1);
  if (!source || !('originalSource' in source)) return text;
  const at = `${source.originalSource}:${source.originalLine + 1}:${source.originalColumn + 1}`;
  return text.replace(`${file}:${line}:${column}`, at);
}

const maps = new Map<string, SourceMap | undefined>();

function mapOf(file: string): SourceMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(file));
  return maps.get(file);
}

function readMap(file: string): SourceMap | undefined {
  try {
    const payload = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload;
    const sources = payload.sources.map((source) => resolve(dirname(file), source));
    return new SourceMap({ ...payload, sources });
  } catch {
    return undefined;
  }
}
