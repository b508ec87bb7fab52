import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/**
 * Passwords as PostgreSQL keeps them: `SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY` (its manual, 53.8; RFC 5803,
 * 7677). Whether a password is the one that is set can so be told here, and a new one is set without being sent.
 */
export function scramVerifier(password: string, salt: Buffer, iterations = 4096): string {
  // SASLprep (RFC 4013) in what matters for text that people type; ASCII stays as it is.
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256');
  const sign = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(sign('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${sign('Server Key').toString('base64')}`;
}

const scramPattern = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$/;

/** Whether it is a password as PostgreSQL keeps it rather than one that people type. */
export function isKept(password: string): boolean {
  return scramPattern.test(password) || /^md5[0-9a-f]{32}$/.test(password);
}

/** Whether what the server keeps stands for this password. */
export function isPassword(password: string, kept: string | null, role: string): boolean {
  if (kept === null) return false;
  if (isKept(password)) return password === kept;
  const [, iterations, salt] = scramPattern.exec(kept) ?? [];
  if (iterations !== undefined && salt !== undefined)
    return scramVerifier(password, Buffer.from(salt, 'base64'), Number(iterations)) === kept;
  return (
    kept ===
    `md5${createHash('md5')
      .update(password + role)
      .digest('hex')}`
  );
}
