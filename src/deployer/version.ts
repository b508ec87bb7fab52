/** An epoch, the part its author counts by, and the part Debian counts by (deb-version(7)). */
interface VersionParts {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string;
}

/**
 * Compares two Debian versions as dpkg does.
 *
 * @returns below 0 when `a` is older, above 0 when it is newer, 0 when dpkg takes them for the same (`1.0` and `1.0-0`)
 * @example compareVersions('1.0.79~pr751-194', '1.0.79') < 0
 */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  return (
    one.epoch - other.epoch || compareParts(one.upstream, other.upstream) || compareParts(one.revision, other.revision)
  );
}

/** The newest of some versions; undefined of none. */
export function newestOf(versions: Iterable<string>): string | undefined {
  let newest: string | undefined;
  for (const version of versions) if (newest === undefined || compareVersions(version, newest) > 0) newest = version;
  return newest;
}

function partsOf(version: string): VersionParts {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon < 0 ? 0 : Number(version.slice(0, colon)),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/** By turns a stretch without digits, by `weight`, and one of digits, as a number; an end counts as 0 in both. */
function compareParts(a: string, b: string): number {
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i])) || (j < b.length && !isDigit(b[j]))) {
      const apart = weight(a[i]) - weight(b[j]);
      if (apart !== 0) return apart;
      i++;
      j++;
    }
    const [one, other] = [digitsAt(a, i), digitsAt(b, j)];
    // Numbers in versions may be longer than a double holds (dates with hashes of digits).
    const apart =
      one.number.length - other.number.length || (one.number < other.number ? -1 : one.number > other.number ? 1 : 0);
    if (apart !== 0) return apart;
    i = one.end;
    j = other.end;
  }
  return 0;
}

function digitsAt(text: string, start: number): { readonly number: string; readonly end: number } {
  let end = start;
  while (isDigit(text[end])) end++;
  return { number: text.slice(start, end).replace(/^0+/, ''), end };
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

/** `~` before the end of the text, that before letters, these before all else. */
function weight(character: string | undefined): number {
  if (character === undefined || isDigit(character)) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}
