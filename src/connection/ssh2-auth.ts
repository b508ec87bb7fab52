import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { AnyAuthMethod, BaseAgent, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2';
import { readKey, unlock, type KeyFile } from './private-key.ts';
import type { SshSettings } from './ssh-settings.ts';
import type { Target } from './types.ts';

type Ssh2 = typeof import('ssh2');

/** One way to authenticate, as a person would name it in an error. */
export interface AuthAttempt {
  readonly name: string;
  readonly method: AnyAuthMethod;
}

/** The attempts worth making, in order; `notes` says what was left out and why. */
export interface AuthPlan {
  readonly attempts: readonly AuthAttempt[];
  /** The key of the first attempt, where it was named for the host or is the only one: it may be signed with unasked. */
  readonly sureKey: ParsedKey | undefined;
  readonly notes: readonly string[];
}

/** The target's own credentials, besides those in ssh's configuration. */
export type Credentials = Pick<Target, 'password' | 'privateKeyFile' | 'passphrase'>;

/**
 * Keys named for the host first, then the agent's others, then the password: as few tries as it takes, since each costs
 * a round trip and counts against the server's MaxAuthTries.
 */
export async function planAuthentication(
  ssh2: Ssh2,
  settings: SshSettings,
  credentials: Credentials,
): Promise<AuthPlan> {
  const { password, privateKeyFile } = credentials;
  const username = settings.user;
  const notes: string[] = [];
  const fromFiles: AuthAttempt[] = [];
  const fromAgent: AuthAttempt[] = [];
  const agent = settings.agentSocket === undefined ? undefined : ssh2.createAgent(settings.agentSocket);
  const held = agent === undefined ? [] : await agentKeys(ssh2, agent, notes);
  const used = new Set<string>();
  const locked: { file: string; key: KeyFile }[] = [];

  for (const file of settings.identityFiles) {
    if (!existsSync(file) && !existsSync(`${file}.pub`)) continue;
    const key = readKey(ssh2, file);
    const blob = key.publicBlob?.toString('base64');
    if (blob !== undefined && used.has(blob)) continue;
    const heldKey = held.find((candidate) => blob !== undefined && publicBlob(candidate) === blob);
    if (agent !== undefined && heldKey !== undefined && blob !== undefined) {
      used.add(blob);
      fromAgent.push({
        name: `${file} (agent)`,
        method: { type: 'agent', username, agent: onlyKey(ssh2, agent, heldKey) },
      });
    } else if (key.isBeyondSsh2) {
      notes.push(`${file}: ssh2 cannot use it, OpenSSH may (${key.problem ?? 'not a key it knows'})`);
    } else if (key.encrypted !== undefined) {
      locked.push({ file, key });
    } else if (key.privateKey === undefined) {
      notes.push(`${file}: ${key.problem ?? 'not a private key'}`);
    } else {
      if (blob !== undefined) used.add(blob);
      fromFiles.push({ name: file, method: { type: 'publickey', username, key: key.privateKey } });
    }
  }
  const others = settings.identitiesOnly ? [] : held.filter((key) => !used.has(publicBlob(key)));
  const otherAgentKeys: AuthAttempt[] =
    agent === undefined
      ? []
      : others.map((key) => ({
          name: `${key.comment || key.type} (agent)`,
          method: { type: 'agent', username, agent: onlyKey(ssh2, agent, key) },
        }));

  for (const { file, key } of locked) {
    const isWorthAsking =
      file === privateKeyFile ||
      (password === undefined && fromAgent.length + fromFiles.length + otherAgentKeys.length === 0);
    const unlocked = isWorthAsking ? await unlock(ssh2, file, key, credentials.passphrase) : undefined;
    if (unlocked?.key !== undefined)
      fromFiles.push({ name: file, method: { type: 'publickey', username, key: unlocked.key } });
    else notes.push(`${file}: encrypted, and the agent does not hold it (ssh-add ${file})`);
  }

  const byMethod: Record<SshSettings['methods'][number], AuthAttempt[]> = {
    'publickey': [...fromAgent, ...fromFiles, ...otherAgentKeys],
    'password':
      password === undefined
        ? []
        : [{ name: 'password', method: { type: 'password', username, password: password.expose() } }],
    'keyboard-interactive':
      password === undefined
        ? []
        : [
            {
              name: 'keyboard-interactive',
              method: {
                type: 'keyboard-interactive',
                username,
                prompt: (_name, _instructions, _lang, prompts, answer) => answer(prompts.map(() => password.expose())),
              },
            },
          ],
  };
  // Plain passwords first: keyboard-interactive costs one more round trip and is the same to PAM.
  const order = settings.methods.includes('password')
    ? [...settings.methods].sort((a, b) => Number(a === 'keyboard-interactive') - Number(b === 'keyboard-interactive'))
    : settings.methods;
  const attempts = order.flatMap((method) => byMethod[method]);
  return { attempts, sureKey: sureKeyOf(ssh2, attempts, privateKeyFile), notes };
}

function sureKeyOf(ssh2: Ssh2, [first, ...others]: readonly AuthAttempt[], named?: string): ParsedKey | undefined {
  if (first?.method.type !== 'publickey' || (first.name !== named && others.length > 0)) return undefined;
  const parsed = ssh2.utils.parseKey(first.method.key);
  const [key] = Array.isArray(parsed) ? parsed : [parsed];
  return key === undefined || key instanceof Error ? undefined : key;
}

/** Whether the agent holds keys that only OpenSSH can use: in hardware, or with a certificate. */
export function holdsKeysBeyondSsh2(agentSocket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const env = { ...process.env, SSH_AUTH_SOCK: agentSocket };
    execFile('ssh-add', ['-L'], { env, encoding: 'utf8', timeout: 5000 }, (_error, stdout) =>
      resolve(/^(sk-|\S+-cert-v01@)/m.test(stdout)),
    );
  });
}

function publicBlob(key: ParsedKey): string {
  return key.getPublicSSH().toString('base64');
}

function agentKeys(ssh2: Ssh2, agent: BaseAgent, notes: string[]): Promise<ParsedKey[]> {
  return new Promise((resolve) => {
    agent.getIdentities((error, keys) => {
      if (error !== undefined && error !== null) notes.push(`the agent did not answer: ${error.message}`);
      const parsed = (keys ?? []).map((key) => {
        const held = typeof key === 'object' && 'pubKey' in key ? key.pubKey : key;
        const one = ssh2.utils.parseKey(typeof held === 'object' && 'pubKey' in held ? held.pubKey : held);
        return Array.isArray(one) ? one[0] : one;
      });
      resolve(parsed.filter((key): key is ParsedKey => key !== undefined && !(key instanceof Error)));
    });
  });
}

/** What ssh itself will ask for when given this target's key: its passphrase, unless the agent holds the key. */
export async function passphraseForSsh(
  ssh2: Ssh2,
  settings: SshSettings,
  { privateKeyFile, passphrase }: Credentials,
): Promise<string | undefined> {
  if (privateKeyFile === undefined || passphrase === undefined || !existsSync(privateKeyFile)) return undefined;
  const key = readKey(ssh2, privateKeyFile);
  if (key.encrypted === undefined) return undefined;
  const held =
    settings.agentSocket === undefined ? [] : await agentKeys(ssh2, ssh2.createAgent(settings.agentSocket), []);
  if (key.publicBlob !== undefined && held.some((one) => publicBlob(one) === key.publicBlob?.toString('base64')))
    return undefined;
  return (await unlock(ssh2, privateKeyFile, key, passphrase))?.passphrase;
}

/** The agent with one key: ssh2 would try all it holds, and the server may stop after a few. */
function onlyKey(ssh2: Ssh2, agent: BaseAgent, key: ParsedKey) {
  class OneKeyAgent extends ssh2.BaseAgent<AgentKey> {
    override getIdentities(callback: Parameters<BaseAgent['getIdentities']>[0]): void {
      callback(null, [key]);
    }
    // ssh2 may leave out the options.
    override sign(pubKey: AgentKey, data: Buffer, options: SigningRequestOptions, done?: SignCallback): void;
    override sign(pubKey: AgentKey, data: Buffer, done: SignCallback): void;
    override sign(
      pubKey: AgentKey,
      data: Buffer,
      options: SigningRequestOptions | SignCallback,
      done?: SignCallback,
    ): void {
      if (typeof options === 'function') agent.sign(pubKey, data, options);
      else agent.sign(pubKey, data, options, done);
    }
  }
  return new OneKeyAgent();
}

type AgentKey = string | Buffer | ParsedKey;
