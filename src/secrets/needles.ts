const mask = '********';
/** Below this a text search would mask ordinary words; such secrets are kept by taint alone. */
export const shortestSearched = 4;
export { mask };

/**
 * The texts to search for a secret: itself, each of its lines, and the forms programs commonly print it in. All in
 * latin1 of their UTF-8 bytes, so that positions in a Buffer and in the searched string agree.
 */
export function needlesOf(text: string): string[] {
  const plain = [text, text.trimEnd(), ...linesOf(text)].filter((part) => part.length >= shortestSearched);
  const found = new Set(plain);
  for (const part of plain) {
    found.add(JSON.stringify(part).slice(1, -1));
    found.add(asciiJson(part));
    found.add(part.replaceAll("'", "'\\''"));
    try {
      found.add(encodeURIComponent(part));
      found.add(encodeURIComponent(part).replaceAll('%20', '+'));
      found.add(encodeURI(part));
    } catch {
      // A lone surrogate has no URL encoding, so it cannot be printed as one.
    }
    for (const encoded of base64Forms(Buffer.from(part, 'utf8'))) found.add(encoded);
  }
  return [...found].filter((part) => part.length >= shortestSearched).map((part) => Buffer.from(part, 'utf8').toString('latin1'));
}

/** A line of a key is as secret as the key; the armour around it is not. */
function linesOf(text: string): string[] {
  return text.split(/\r?\n/).length === 1 ? [] : text.split(/\r?\n/).map((line) => line.trim()).filter((line) => !line.startsWith('-----'));
}

/** JSON as Python's json.dumps and `jq -a` write it. */
function asciiJson(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Base64 of the secret alone, and the part of it that stays the same wherever the secret stands inside a longer encoded
 * text (`user:password` of basic authentication): three alignments, the characters shared with neighbours cut off.
 */
function base64Forms(bytes: Buffer): string[] {
  const forms = [bytes.toString('base64'), bytes.toString('base64').replace(/=+$/, '')];
  for (const offset of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replace(/=+$/, '');
    const from = offset === 0 ? 0 : offset + 1;
    const whole = (offset + bytes.length) % 3 === 0;
    const inner = encoded.slice(from, whole ? undefined : -1);
    // Shorter ones would hit ordinary words.
    if (inner.length >= 8) forms.push(inner);
  }
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
