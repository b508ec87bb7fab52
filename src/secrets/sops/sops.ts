import { createDecipheriv, createHash } from 'node:crypto';
import { PlayError, type Location } from '../../errors/index.ts';
import { dotenvLeaves, iniLeaves, yamlLeaves, type Leaf, type Metadata, type SopsFile } from './leaves.ts';

/*
 * Files of sops, reading only. Values are `ENC[AES256_GCM,data:..,iv:..,tag:..,type:..]` under one data key, each bound to
 * the keys that lead to it; the data key lies in the file's metadata, encrypted for each recipient. The MAC is the SHA-512
 * of all values in their order, encrypted too and bound to the time of the last change (getsops/sops: sops.go,
 * aes/cipher.go).
 */
const encrypted = /^ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:(.+)\]/;
/** What sops begins the checksum with where it is of encrypted values only, so that nobody can take one for the other. */
const onlyEncryptedStart = Buffer.from('8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69', 'hex');
/** Other ways to lock the data key. */
const otherKeys = {
  pgp: 'PGP',
  kms: 'AWS KMS',
  gcp_kms: 'GCP KMS',
  azure_kv: 'Azure Key Vault',
  hc_vault: 'HashiCorp Vault',
};

/** How a value begins that sops encrypted. */
export const sopsValue = 'ENC[AES256_GCM,';

/** Whether sops wrote this text. */
export function isSopsText(text: string): boolean {
  return text.includes(sopsValue) && /^\s*"?(?:sops_)?mac"?\s*[:=]\s*"?ENC\[AES256_GCM,/m.test(text);
}

/** The plain text of a file of sops: the same without sops' own lines, and values in place of what was encrypted. */
export interface SopsPlain {
  readonly text: string;
  /** Where encrypted values begin in `text`. */
  readonly secretAt: ReadonlySet<number>;
  /** Their texts. */
  readonly secrets: readonly string[];
}

/**
 * Opens a file of sops: YAML, JSON, INI, dotenv, or one that sops took for binary (JSON with `data` alone).
 *
 * @param openAge opens the age text that the data key is locked with; undefined where no identity fits
 * @throws PlayError where age is not among its keys, none fits, or the file was changed by something else than sops
 */
export function openSops(text: string, where: Location, openAge: (text: string) => Buffer | undefined): SopsPlain {
  const file = takenApart(text);
  if (file === undefined) throw damaged('it is neither YAML, JSON, INI nor dotenv', where);
  const key = dataKey(file.metadata, where, openAge);
  const rule = ruleOf(file.metadata);
  const isMacOfEncrypted = isTrue(file.metadata['mac_only_encrypted']);
  const hash = createHash('sha512');
  if (isMacOfEncrypted) hash.update(onlyEncryptedStart);
  const values = file.leaves.map((leaf) => {
    const isDue = rule(leaf);
    const opened = isDue && leaf.value !== '' ? openLeaf(leaf, key, where) : undefined;
    if (isDue || !isMacOfEncrypted) hash.update(opened?.text ?? leaf.spelling);
    return { leaf, opened };
  });
  checkMac(file.metadata, hash.digest('hex').toUpperCase(), key, where);
  const secrets = values.flatMap(({ opened }) => (opened ? [opened.text] : []));
  const [only] = values;
  const isBinary = text.trimStart().startsWith('{') && values.length === 1 && only?.leaf.path.join() === 'data';
  if (isBinary && only.opened && !where.file.endsWith('.json'))
    return { text: only.opened.text, secretAt: new Set([0]), secrets };
  return { ...replaced(text, file, values), secrets };
}

/** Whether a data key is locked for age: without, no identity helps. */
export function isForAge(text: string): boolean {
  return ageKeys(takenApart(text)?.metadata ?? {}).length > 0;
}

function takenApart(text: string): SopsFile | undefined {
  if (/^sops_mac=/m.test(text)) return dotenvLeaves(text);
  if (/^\[sops\]\s*$/m.test(text)) return iniLeaves(text);
  return yamlLeaves(text);
}

function ageKeys(metadata: Metadata): string[] {
  const { age } = metadata;
  return Array.isArray(age)
    ? (age as readonly { readonly enc?: unknown }[]).flatMap(({ enc }) => (typeof enc === 'string' ? [enc] : []))
    : [];
}

function dataKey(metadata: Metadata, where: Location, openAge: (text: string) => Buffer | undefined): Buffer {
  const locked = ageKeys(metadata);
  if (locked.length === 0) {
    const others = Object.entries(otherKeys).flatMap(([name, words]) => (metadata[name] ? [words] : []));
    const groups = metadata['key_groups'] ? ['key groups'] : [];
    throw new PlayError(
      `This sops file is not encrypted for age, but for ${[...others, ...groups].join(', ') || 'nobody'}`,
      {
        where,
        hint: 'play opens those for age only: add a recipient with `sops rotate -i --add-age age1... FILE`.',
      },
    );
  }
  for (const text of locked) {
    const key = openAge(text);
    if (key?.length === 32) return key;
  }
  throw new PlayError('No age identity opens this sops file', {
    where,
    hint: 'Name yours with --age-identity FILE, or have it encrypted for you: `sops rotate -i --add-age age1... FILE`.',
  });
}

/** Which values are encrypted: sops decides by the names that lead to them. */
function ruleOf(metadata: Metadata): (leaf: Leaf) => boolean {
  const text = (name: string): string => (typeof metadata[name] === 'string' ? metadata[name] : '');
  const isPattern = (leaf: Leaf): boolean => encrypted.test(String(leaf.value));
  // By comments, which have no place here.
  if (text('encrypted_comment_regex') !== '' || text('unencrypted_comment_regex') !== '') return isPattern;
  const rules: readonly (readonly [chosen: string, isMeant: (name: string) => boolean, meansEncrypted: boolean])[] = [
    [text('unencrypted_suffix'), (name) => name.endsWith(text('unencrypted_suffix')), false],
    [text('encrypted_suffix'), (name) => name.endsWith(text('encrypted_suffix')), true],
    [text('unencrypted_regex'), (name) => new RegExp(text('unencrypted_regex')).test(name), false],
    [text('encrypted_regex'), (name) => new RegExp(text('encrypted_regex')).test(name), true],
  ];
  return ({ path }) => {
    let isEncrypted = true;
    for (const [chosen, isMeant, meansEncrypted] of rules) {
      if (chosen === '') continue;
      if (path.some(isMeant)) isEncrypted = meansEncrypted;
      else if (meansEncrypted) isEncrypted = false;
    }
    return isEncrypted;
  };
}

function openLeaf(leaf: Leaf, key: Buffer, where: Location): { readonly text: string; readonly type: string } {
  const opened = openValue(String(leaf.value), key, `${leaf.path.join(':')}:`);
  if (opened === undefined) throw damaged(`the value of ${leaf.path.join('.')} is not as sops wrote it`, where);
  return opened;
}

/** @param bound what the value is bound to */
function openValue(
  text: string,
  key: Buffer,
  bound: string,
): { readonly text: string; readonly type: string } | undefined {
  const [, data, iv, tag, type] = encrypted.exec(text) ?? [];
  if (data === undefined || iv === undefined || tag === undefined || type === undefined) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), { authTagLength: 16 });
    decipher.setAuthTag(Buffer.from(tag, 'base64'));
    decipher.setAAD(Buffer.from(bound));
    const plain = Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]);
    return { text: plain.toString('utf8'), type };
  } catch {
    return undefined;
  }
}

function checkMac(metadata: Metadata, computed: string, key: Buffer, where: Location): void {
  const { mac, lastmodified } = metadata;
  const found = openValue(String(mac), key, String(lastmodified));
  if (found === undefined) throw damaged('its checksum (MAC) is not as sops wrote it', where);
  if (found.text !== computed)
    throw damaged('values were changed, added or removed without sops: its checksum (MAC) does not match', where);
}

function damaged(why: string, where: Location): PlayError {
  return new PlayError(`The sops file is damaged: ${why}`, {
    where,
    hint: 'Restore it from version control, and edit it with `sops FILE` only.',
  });
}

const isTrue = (value: unknown): boolean => value === true || value === 'true';

function replaced(
  text: string,
  { own, write }: SopsFile,
  values: readonly {
    readonly leaf: Leaf;
    readonly opened: { readonly text: string; readonly type: string } | undefined;
  }[],
): Pick<SopsPlain, 'text' | 'secretAt'> {
  const edits = [
    ...own.map(({ from, to }) => ({ from, to, by: '', isSecret: false })),
    ...values.flatMap(({ leaf: { from, to }, opened }) =>
      opened ? [{ from, to, by: write(opened.text, opened.type), isSecret: true }] : [],
    ),
  ].sort((a, b) => a.from - b.from);
  const secretAt = new Set<number>();
  let plain = '';
  let at = 0;
  for (const { from, to, by, isSecret } of edits) {
    plain += text.slice(at, from);
    if (isSecret) secretAt.add(plain.length);
    plain += by;
    at = to;
  }
  return { text: plain + text.slice(at), secretAt };
}
