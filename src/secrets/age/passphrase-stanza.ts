import { scryptSync } from 'node:crypto';
import type { Identity } from 'age-encryption';
import { unsealed } from './file-key.ts';

const label = 'age-encryption.org/v1/scrypt';
/** More work than this is no passphrase, but an attempt to keep us busy: age(1) has the same bound. */
const mostWork = 22;

/**
 * A passphrase (C2SP age, "The scrypt recipient type"). The library has it in JavaScript, which takes seconds for what
 * node:crypto does in half of one.
 */
export function passphraseIdentity(passphrase: string): Identity {
  return {
    unwrapFileKey: (stanzas) => {
      const [stanza, ...others] = stanzas;
      const [type, salt = '', work = ''] = stanza?.args ?? [];
      if (stanza === undefined || type !== 'scrypt') return null;
      if (others.length > 0) throw new Error('there is a passphrase besides other recipients');
      const logN = Number(work);
      if (stanza.args.length !== 3 || !/^[1-9]\d?$/.test(work) || logN > mostWork)
        throw new Error('invalid scrypt stanza');
      const key = scryptSync(passphrase, Buffer.concat([Buffer.from(label), Buffer.from(salt, 'base64')]), 32, {
        N: 2 ** logN,
        r: 8,
        p: 1,
        maxmem: 2 ** logN * 8 * 128 + 2 ** 20,
      });
      try {
        return unsealed(stanza.body, key);
      } catch {
        return null;
      }
    },
  };
}
