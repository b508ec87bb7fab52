/**
 * Finds what is secret in configuration that nobody knows the meaning of, by how secrets are written. What is promised of
 * it is in docs/rehearse.md: the usual forms, not every secret.
 */

/** Takes the place of each value: letters alone, so that it means nothing to YAML, shells and URLs. */
export const scrubbed = 'scrubbed';

export interface ScrubbedText {
  readonly text: string;
  /** One-based lines where something was taken out, and what it was called there. */
  readonly found: readonly { readonly line: number; readonly what: string }[];
}

const word = String.raw`pass(?:w(?:or)?d|phrase)?|pwd|secret|token|psk|cookie|credentials?|community|dsn`;
const keyWord = String.raw`(?:secret|private|api|access|encrypt(?:ion)?|signing|auth|license|master|shared|preshared|account|pre_?shared|webhook|bot)[_.-]?key(?:[_-]?(?:base|id))?|apikey|webhook(?:[_-]?url)?`;
/** A name that ends in one of them, as `DB_PASSWORD`, `client_secret`, `requirepass`. */
const secretName = String.raw`[\w.-]*(?:${word}|${keyWord})\d*`;
const value = String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`;

interface Pattern {
  readonly what: string;
  /** Group 1: what stays before the value, group 2: the value. */
  readonly pattern: RegExp;
  /** Whether what was found is text that says something. Default: any value that is no switch, path or variable. */
  readonly isSecret?: (text: string) => boolean;
}

/** They stand alone: what they are is told by their form. */
const forms: readonly Pattern[] = [
  {
    what: 'hash of a password',
    pattern: /()(\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2\w*|scrypt|pbkdf2[\w-]*)\$[^\s:'"]{8,})/g,
  },
  { what: 'hash of a password', pattern: /()(\{S{0,2}(?:SHA|MD5)\d*\}[A-Za-z0-9+/=]{16,})/g },
  { what: 'hash of a password', pattern: /()(SCRAM-SHA-256\$[^\s'"]+)/g },
  { what: 'hash of a password', pattern: /((?:^|[\s"':])[\w.-]+:)([A-Za-z0-9./]{13})(?=\s*$)/g },
  { what: 'password in an address', pattern: /(\b[a-z][\w+.-]*:\/\/[^\s:/@'"]*:)([^\s@/'"]+)(?=@)/gi },
  { what: 'authorization', pattern: /(\b(?:Bearer|Basic|Token)\s+)([A-Za-z0-9+/_.=~-]{8,})/g },
  { what: 'key of age', pattern: /()(AGE-SECRET-KEY-1[A-Z0-9]+)/g },
  { what: 'token', pattern: /()(\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+)/g },
  {
    what: 'token',
    pattern:
      /()(\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abprs]-[\w-]{10,}|\bsk_(?:live|test)_\w{16,}|\bAIza[\w-]{30,}|\bhvs\.[\w-]{16,}|\bnpm_\w{30,})/g,
  },
  {
    what: 'webhook',
    pattern: /(https?:\/\/(?:hooks\.slack\.com|discord(?:app)?\.com\/api\/webhooks|[\w.-]+\/hooks)\/)([\w/-]{8,})/g,
  },
];

/** All of the line behind a name: words and all. */
const wholeLine = new RegExp(
  String.raw`^(\s*(?:-\s+|export\s+)?(${secretName})\s*[:=]\s*)([^\s'"].*?)([;,]?\s*)$`,
  'i',
);

/** They are told by the name before them. */
const named: readonly Pattern[] = [
  {
    what: '',
    pattern: new RegExp(
      String.raw`((${secretName})["']?\]?\s*(?:=>|[:=]|,\s*(?=["']))\s*)(${value}|[^\s'"][^\s,;&<>]*)`,
      'gi',
    ),
  },
  { what: '', pattern: new RegExp(String.raw`(<([\w:.-]*(?:${word}|${keyWord}))(?:\s[^>]*)?>)([^<]+)(?=<)`, 'gi') },
  { what: '', pattern: new RegExp(String.raw`(--?[\w-]*(${word}|${keyWord})\s+)(${value}|[^\s'"-]\S*)`, 'gi') },
  {
    what: '',
    pattern: new RegExp(
      String.raw`((?:^|\s)((?:insecure-)?password|passwd|passphrase|requirepass|masterauth|masteruser|auth_pass|auth-pass|bindpw|rootpw|secret|psk|wpa-psk|r[ow]community6?|stats auth|SetCredential(?:Encrypted)?)(?:[ \t]+|=[^:]*:))(${value}|[^\s'"=:][^\s;]*)`,
      'gi',
    ),
  },
  {
    what: '',
    pattern: new RegExp(
      String.raw`((?:^|[\s;,{])(key)\s*[:=]?\s*["']?)([A-Za-z0-9+/_-]{16,}={0,2})(?=["'\s;,]|$)`,
      'gi',
    ),
    isSecret: (text) => /\d/.test(text) && /[A-Za-z]/.test(text),
  },
  { what: '', pattern: /((?:curl|wget|http)\b.*?\s(?:-u|--user)[ =]([\w.-]+):)([^\s'"]+)/g },
];

/** A switch, a number of few digits, a path, a variable, a word of the field that says how and not what. */
const plain =
  /^(?:|yes|no|on|off|true|false|null|none|nil|\d{1,3}|required?|optional|never|always|default|prompt|ask|md5|peer|trust|ident|scram-sha-256|scrubbed|[*x!]+|\[\]?|\(\)?|\{\}?|(?:~|\/(?:etc|var|run|usr|opt|srv|home|root|dev|proc|tmp|mnt|lib|bin|sbin|boot|sys))(?:\/.*)?|%[a-z]|%\(\w+\)s|\$\{\w+\}|\$\(.*\)|\$[A-Z_]+|\{\{.*\}\}|<%.*%>|!\w+(?:\s.*)?)$/i;

function unquoted(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text;
}

/** Lines in which the words above mean something else. */
const otherMeaning: Readonly<Record<string, RegExp>> = {
  '/etc/nsswitch.conf': /.*/,
  '/etc/login.defs': /.*/,
  '/etc/sudoers': /NOPASSWD|PASSWD|!?(?:target|root|runas)pw/,
};

/**
 * Text without its secrets.
 *
 * @param path of the file: in some files these words mean something else
 * @example scrubText('/etc/app.conf', 'user=web\npassword=hunter2\n').text  // 'user=web\npassword=scrubbed\n'
 */
export function scrubText(path: string, text: string): ScrubbedText {
  if (/^\/etc\/(?:pam\.d|pam\.conf|alternatives|ssl\/certs)\b/.test(path)) return { text, found: [] };
  const except = otherMeaning[path.replace(/^(\/etc\/sudoers)\.d\/.*/, '$1')];
  const found: { line: number; what: string }[] = [];
  let block: { readonly indent: number; readonly what: string } | undefined;
  let namedBefore: string | undefined;
  const lines = text.split('\n').map((line, i) => {
    const tell = (what: string): void => {
      if (!found.some((one) => one.line === i + 1 && one.what === what)) found.push({ line: i + 1, what });
    };
    const indent = line.search(/\S/);
    if (block !== undefined && (indent > block.indent || indent < 0)) {
      if (indent < 0) return line;
      tell(block.what);
      return `${line.slice(0, indent)}${scrubbed}`;
    }
    block = undefined;
    if (except?.test(line)) return line;
    const opened = new RegExp(String.raw`^(\s*(?:-\s+)?["']?(${secretName})["']?\s*:\s*)[|>][-+\d]*\s*$`, 'i').exec(
      line,
    );
    if (opened) {
      block = { indent, what: opened[2] ?? '' };
      return line;
    }
    // `- name: DB_PASSWORD` and below it `value: x`.
    const pair = namedBefore;
    namedBefore = new RegExp(
      String.raw`^\s*(?:-\s+)?["']?(?:name|key)["']?\s*[:=]\s*["']?(${secretName})["']?,?\s*$`,
      'i',
    ).exec(line)?.[1];
    if (namedBefore !== undefined) return line;
    const value = pair === undefined ? undefined : /^(\s*["']?value["']?\s*[:=]\s*)(.+?)(,?\s*)$/.exec(line);
    if (pair !== undefined && value && !plain.test(unquoted(value[2] ?? ''))) {
      tell(pair);
      return `${value[1]}${put(value[2] ?? '')}${value[3]}`;
    }
    return scrubLine(line, tell);
  });
  return { text: found.length === 0 ? text : lines.join('\n'), found };
}

function scrubLine(line: string, tell: (what: string) => void): string {
  const [, before = '', name = '', text, after = ''] = wholeLine.exec(line) ?? [];
  if (text !== undefined && !plain.test(text.replace(/\s+[#;].*$/, ''))) {
    tell(name);
    return `${before}${scrubbed}${after}`;
  }
  let made = line;
  for (const { what, pattern } of forms)
    made = made.replace(pattern, (_, before: string) => {
      tell(what);
      return `${before}${scrubbed}`;
    });
  for (const { pattern, isSecret = () => true } of named)
    made = made.replace(pattern, (whole: string, before: string, name: string, text: string) => {
      if (plain.test(unquoted(text)) || !isSecret(text)) return whole;
      tell(name);
      return `${before}${put(text)}`;
    });
  return made;
}

/** In the quotes it stands in. */
function put(text: string): string {
  const [quote = ''] = /^["']/.exec(text) ?? [];
  return `${quote}${scrubbed}${quote}`;
}
