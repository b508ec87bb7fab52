import { digestAlgorithms, digestLength, type Digest, type DigestAlgorithm } from './digest.probe.ts';

/** `sha256:DIGEST`, or where a list of them is: `sha256:https://example.org/SHA256SUMS`. */
export type Checksum = Digest | { readonly algorithm: DigestAlgorithm; readonly url: string };

/** @returns what is wrong with it, where it is none */
export function parseChecksum(text: string): Checksum | string {
  const [, name = '', rest = ''] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  const algorithm = digestAlgorithms.find((known) => known === name.toLowerCase());
  if (algorithm === undefined) return `does not begin with an algorithm and a colon: ${digestAlgorithms.join(', ')}`;
  if (/^https?:\/\/[^\s]+$/.test(rest)) return { algorithm, url: rest };
  const hex = rest.toLowerCase();
  if (!/^[0-9a-f]*$/.test(hex) || hex.length !== digestLength[algorithm])
    return `has neither the ${digestLength[algorithm]} hexadecimal digits of ${algorithm} nor an http:// or https:// address after the colon`;
  return { algorithm, hex };
}

/**
 * The digest of a file in a list as sha256sum(1) and its kin write them, or in a file that holds nothing but one
 * digest. A file is found by the last part of its address, as Ansible finds it.
 *
 * @returns undefined where the list does not have it
 */
export function digestFromList(list: string, url: string, algorithm: DigestAlgorithm): Digest | undefined {
  const lines = list.split(/\r?\n/).filter((line) => line.trim() !== '');
  const isDigest = (text: string): boolean => text.length === digestLength[algorithm] && /^[0-9a-fA-F]+$/.test(text);
  const [only = ''] = lines;
  if (lines.length === 1 && isDigest(only.trim())) return { algorithm, hex: only.trim().toLowerCase() };
  const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
  for (const line of lines) {
    const [, hex = '', file = ''] = /^\\?(\S+) [ *]?(?:\.\/)*(.*)$/.exec(line.trim()) ?? [];
    if (file === name && isDigest(hex)) return { algorithm, hex: hex.toLowerCase() };
    const tagged = fromTagged(line.trim());
    if (tagged?.algorithm === algorithm && tagged.file === name && isDigest(tagged.hex))
      return { algorithm, hex: tagged.hex.toLowerCase() };
  }
  return undefined;
}

/**
 * `SHA256 (FILE) = DIGEST`, as `sha256sum --tag` and BSD write it; openssl-dgst(1) leaves out the blanks and says
 * `SHA2-256`.
 */
function fromTagged(
  line: string,
): { readonly algorithm: string; readonly file: string; readonly hex: string } | undefined {
  const [, name, file, hex] = /^\\?([A-Za-z0-9-]+) ?\((?:\.\/)*(.*)\) ?= ([0-9A-Fa-f]+)$/.exec(line) ?? [];
  if (name === undefined || file === undefined || hex === undefined) return undefined;
  return {
    algorithm: name
      .toLowerCase()
      .replace(/^sha2-/, 'sha')
      .replace('sha-', 'sha'),
    file,
    hex,
  };
}
