import { createHmac, randomBytes } from 'node:crypto';

export interface HostKey {
  readonly type: string;
  readonly blob: string;
}

export interface KnownHostsEdit {
  readonly name: string;
  readonly keys: readonly HostKey[];
  readonly state: 'present' | 'absent';
  readonly hashHost: boolean;
}

interface Line {
  readonly names: readonly string[];
  readonly type: string;
  readonly blob: string;
  readonly rest: string;
}

/**
 * sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". Lines with markers (`@cert-authority`, `@revoked`) are left to their owner.
 */
function parse(line: string): Line | undefined {
  const [, names, type, blob, rest = ''] =
    /^\s*([^\s#@]\S*)\s+(\S+)\s+([A-Za-z0-9+/]+={0,2})([^\n]*)$/.exec(line) ?? [];
  return names === undefined || type === undefined || blob === undefined
    ? undefined
    : { names: names.split(','), type, blob, rest };
}

function isName(word: string, name: string): boolean {
  // ssh looks for a host by its name in small letters, whatever a line has.
  if (!word.startsWith('|1|')) return word.toLowerCase() === name;
  const [, , salt = '', hash = ''] = word.split('|');
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

// A hash has a random salt: it is made once, so that the same plan comes out every time.
const hashes = new Map<string, string>();

function spelt(name: string, hashHost: boolean): string {
  if (!hashHost) return name;
  const salt = randomBytes(20);
  const made =
    hashes.get(name) ?? `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
  hashes.set(name, made);
  return made;
}

/**
 * Makes a host's keys right: those given, one or several of a type (a host about to change its key has two); other keys
 * of these types go. Keys of other types, and other names on a line, stay.
 */
export function editKnownHosts(text: string, { name, keys, state, hashHost }: KnownHostsEdit): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const parsed = lines.map((line) => {
    const now = parse(line);
    const word = now?.names.find((one) => isName(one, name));
    return now && word !== undefined ? { ...now, word } : undefined;
  });
  const isRight = (now: (typeof parsed)[number], key: HostKey): boolean =>
    now?.blob === key.blob && now.word.startsWith('|1|') === hashHost;
  // Of the keys given, those that no line has yet as it shall be.
  const left = keys.filter(
    (key, i) => keys.findIndex(({ blob }) => blob === key.blob) === i && !parsed.some((now) => isRight(now, key)),
  );
  const seen = new Set<string>();
  const made = lines.flatMap((line, i) => {
    const now = parsed[i];
    if (!now) return [line];
    const others = now.names.filter((one) => one !== now.word);
    const without = others.length > 0 ? [`${others.join(',')} ${now.type} ${now.blob}${now.rest}`] : [];
    if (state === 'absent') return keys.length === 0 || keys.some((key) => key.blob === now.blob) ? without : [line];
    if (!keys.some((key) => key.type === now.type)) return [line];
    if (keys.some((key) => isRight(now, key)) && !seen.has(now.blob)) {
      seen.add(now.blob);
      return [line];
    }
    const at = left.findIndex((key) => key.type === now.type);
    const [key] = at < 0 ? [] : left.splice(at, 1);
    return key ? [...without, `${spelt(name, hashHost)} ${key.type} ${key.blob}`] : without;
  });
  if (state === 'present') made.push(...left.map((key) => `${spelt(name, hashHost)} ${key.type} ${key.blob}`));
  return made.length === lines.length && made.every((line, i) => line === lines[i])
    ? text
    : made.map((line) => `${line}\n`).join('');
}
