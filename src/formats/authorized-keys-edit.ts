/** A line of authorized_keys (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"). */
export interface AuthorizedKey {
  readonly options: string;
  readonly type: string;
  readonly blob: string;
  readonly comment: string;
}

export interface AuthorizedKeysEdit {
  readonly keys: readonly AuthorizedKey[];
  readonly state: 'present' | 'absent';
  readonly exclusive: boolean;
}

/** Reads a line; undefined for one that holds no key. Blanks inside quotes of an option part nothing. */
export function parseAuthorizedKey(line: string): AuthorizedKey | undefined {
  const [, options = '', type, blob, comment = ''] =
    /^\s*(?:((?:[^\s"]|"(?:[^"\\]|\\.)*")+)\s+)?((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)\s+([A-Za-z0-9+/]+={0,2})(?:\s+(.*?))?\s*$/.exec(
      line,
    ) ?? [];
  return type === undefined || blob === undefined ? undefined : { options, type, blob, comment };
}

/**
 * Whether the key is what its first word says, and whole (RFC 4253, 6.6): strings, each behind its length. One that lost
 * letters at its end is passed over by sshd without a word.
 */
export function isSound({ type, blob }: Pick<AuthorizedKey, 'type' | 'blob'>): boolean {
  const bytes = Buffer.from(blob, 'base64');
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  if (length === 0 || bytes.toString('latin1', 4, 4 + length) !== type || bytes.length <= 4 + length) return false;
  // What is certified with a key has numbers in it, too.
  if (type.includes('-cert-')) return true;
  let at = 0;
  while (at + 4 <= bytes.length) at += 4 + bytes.readUInt32BE(at);
  return at === bytes.length;
}

function formatAuthorizedKey({ options, type, blob, comment }: AuthorizedKey): string {
  return [options, type, blob, comment].filter((part) => part !== '').join(' ');
}

/**
 * Makes the keys right. A key is known by its bytes. Given once, its line is replaced in place where options or comment
 * differ; given with several options (`from="a"` one thing, `from="b"` another: sshd takes the first line that lets it
 * in), it has a line for each. Lines of the key with other options go, since they would let in whom the wanted ones
 * keep out. A comment that is not asked for stays as it is. Whole-line comments stay even where the keys are exclusive.
 */
export function editAuthorizedKeys(text: string, { keys, state, exclusive }: AuthorizedKeysEdit): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const wanted = byBlob(keys);
  const parsed = lines.map((line) => (/^\s*(?:#|$)/.test(line) ? undefined : parseAuthorizedKey(line)));
  // Those that are there as they are wanted keep their lines; the others are replaced by what is left.
  const kept = new Map<number, AuthorizedKey>();
  const left = new Map([...wanted].map(([blob, all]) => [blob, [...all]]));
  for (const [i, now] of parsed.entries()) {
    const all = now && left.get(now.blob);
    const at = all?.findIndex((key) => key.options === now?.options) ?? -1;
    const [key] = all && at >= 0 ? all.splice(at, 1) : [];
    if (key) kept.set(i, key);
  }
  const made = lines.flatMap((line, i) => {
    const now = parsed[i];
    if (!now) return exclusive && !/^\s*(?:#|$)/.test(line) ? [] : [line];
    if (!wanted.has(now.blob)) return exclusive ? [] : [line];
    const key = state === 'present' ? (kept.get(i) ?? left.get(now.blob)?.shift()) : undefined;
    if (!key) return [];
    const comment = key.comment === '' ? now.comment : key.comment;
    const right = now.options === key.options && now.type === key.type && now.comment === comment;
    return [right ? line : formatAuthorizedKey({ ...key, comment })];
  });
  if (state === 'present') made.push(...[...left.values()].flat().map(formatAuthorizedKey));
  return made.length === lines.length && made.every((line, i) => line === lines[i])
    ? text
    : made.map((line) => `${line}\n`).join('');
}

/** The keys by their bytes, in the order given; of two with the same options the last counts. */
function byBlob(keys: readonly AuthorizedKey[]): ReadonlyMap<string, readonly AuthorizedKey[]> {
  const found = new Map<string, Map<string, AuthorizedKey>>();
  for (const key of keys)
    found.set(key.blob, (found.get(key.blob) ?? new Map<string, AuthorizedKey>()).set(key.options, key));
  return new Map([...found].map(([blob, all]) => [blob, [...all.values()]]));
}
