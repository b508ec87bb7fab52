import { createHash } from 'node:crypto';
import { rewriteTar } from '../../../formats/archive/rewrite-tar.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { scrubbed, scrubText } from './scrub-text.ts';
import type { Survey } from './survey.ts';

/** A place where something secret stood. */
export interface ScrubbedPlace {
  readonly path: string;
  /** One-based; undefined in a file that is no text. */
  readonly line: number | undefined;
  /** What it was called there. */
  readonly what: string;
}

export interface ScrubbedEtc {
  readonly etc: Buffer;
  readonly places: readonly ScrubbedPlace[];
  /** Files with certificates, by path: their text. */
  readonly certificates: ReadonlyMap<string, string>;
}

/** What the redactor writes in place of secrets that play knows; YAML would take it for a reference. */
const mask = '********';

/**
 * /etc without its secrets: those that the inventory's vaults and variables hold, wherever they stand, and what looks like one. Files
 * that are as their packages have them hold none.
 */
export function scrubEtc({ etc, shipped }: Pick<Survey, 'etc' | 'shipped'>, redactor: Redactor): ScrubbedEtc {
  const places: ScrubbedPlace[] = [];
  const certificates = new Map<string, string>();
  const made = rewriteTar(etc, (name, content) => {
    const path = `/${name}`;
    const isShipped = shipped.get(path) === createHash('md5').update(content).digest('hex');
    const without = isShipped ? { content, places: [] } : scrubFile(path, content, redactor);
    places.push(...without.places);
    if (without.content.includes('-----BEGIN CERTIFICATE-----'))
      certificates.set(path, without.content.toString('latin1'));
    return without.content;
  });
  return { etc: made, places, certificates };
}

/** One file without its secrets; the same Buffer where there are none. */
export function scrubFile(
  path: string,
  content: Buffer,
  redactor: Redactor,
): { readonly content: Buffer; readonly places: readonly ScrubbedPlace[] } {
  const known = withoutKnown(content, redactor);
  const ofInventory = known === content ? [] : changedLines(path, content, known);
  if (known.includes(0)) return { content: known, places: ofInventory };
  const { text, found } = scrubText(path, known.toString('latin1'));
  return {
    content: found.length === 0 ? known : Buffer.from(text, 'latin1'),
    places: [...ofInventory, ...found.map(({ line, what }) => ({ path, line, what }))],
  };
}

function changedLines(path: string, before: Buffer, after: Buffer): ScrubbedPlace[] {
  const what = 'a secret of the inventory';
  if (after.includes(0)) return [{ path, line: undefined, what }];
  const old = before.toString('latin1').split('\n');
  return after
    .toString('latin1')
    .split('\n')
    .flatMap((line, i) => (line === old[i] ? [] : [{ path, line: i + 1, what }]));
}

function withoutKnown(content: Buffer, redactor: Redactor): Buffer {
  const masked = redactor.redactBuffer(content);
  if (masked === content || content.includes(mask)) return masked;
  return Buffer.from(masked.toString('latin1').replaceAll(mask, scrubbed), 'latin1');
}
