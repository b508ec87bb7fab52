import { createCipheriv, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** What `ansible-vault encrypt` makes of a text (format 1.1, or 1.2 with a label). */
export function encryptVault(text: string, password: string, label?: string): string {
  const salt = randomBytes(32);
  const keys = pbkdf2Sync(password, salt, 10_000, 80, 'sha256');
  const plain = Buffer.from(text);
  const padding = 16 - (plain.length % 16);
  const cipher = createCipheriv('aes-256-ctr', keys.subarray(0, 32), keys.subarray(64, 80));
  const ciphertext = Buffer.concat([
    cipher.update(Buffer.concat([plain, Buffer.alloc(padding, padding)])),
    cipher.final(),
  ]);
  const hmac = createHmac('sha256', keys.subarray(32, 64)).update(ciphertext).digest();
  const packed = Buffer.from([salt, hmac, ciphertext].map((part) => part.toString('hex')).join('\n')).toString('hex');
  return `$ANSIBLE_VAULT;${label === undefined ? '1.1' : '1.2'};AES256${label === undefined ? '' : `;${label}`}\n${packed.replace(/(.{80})/g, '$1\n').trimEnd()}\n`;
}

/** The same as a value of a YAML mapping. */
export function inlineVault(text: string, password: string): string {
  return `!vault |\n${encryptVault(text, password)
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n`;
}
