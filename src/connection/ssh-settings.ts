import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Unreachable } from './errors.ts';
import { readConfig, readDefaults, type SshConfig } from './ssh-config.ts';
import type { Target } from './types.ts';

/** The part of ssh's configuration that ssh2 is given. */
export interface SshSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Key files to try, in order; they need not exist. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  readonly agentSocket: string | undefined;
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyName: string | undefined;
  readonly acceptNewHostKeys: boolean;
  readonly hashKnownHosts: boolean;
  /** The configuration names a list of revoked keys (RevokedHostKeys). */
  readonly hasRevokedKeys: boolean;
  readonly proxyJump: readonly string[];
  /** Seconds. */
  readonly connectTimeout: number;
  /** Seconds; 0 for none. */
  readonly keepaliveInterval: number;
  readonly keepaliveCount: number;
  readonly family: 0 | 4 | 6;
  readonly bindAddress: string | undefined;
  readonly methods: readonly AuthMethod[];
}

export type AuthMethod = 'publickey' | 'keyboard-interactive' | 'password';

export interface ResolvedSettings {
  readonly settings: SshSettings;
  /** Why only OpenSSH itself honours everything that is configured; empty when ssh2 does too. */
  readonly needsOpenSsh: readonly string[];
  /** Whether there is an ssh client on this machine. */
  readonly hasOpenSsh: boolean;
  /** The user's configuration shares connections itself (ControlPath). */
  readonly usesOwnMaster: boolean;
}

/** Keywords that `resolve` honours, or that do not matter for running commands in a lane. */
const HONOURED = new Set(
  (
    'host hostname port user identityfile identitiesonly identityagent userknownhostsfile globalknownhostsfile hostkeyalias ' +
    'stricthostkeychecking hashknownhosts proxyjump connecttimeout serveraliveinterval serveralivecountmax addressfamily bindaddress ' +
    'preferredauthentications pubkeyauthentication passwordauthentication kbdinteractiveauthentication ' +
    // Without effect here: forwarding, terminals, display, logs, what only saves bytes or asks questions.
    'addkeystoagent batchmode canonicaldomains canonicalizepermittedcnames canonicalizefallbacklocal canonicalizehostname ' +
    'canonicalizemaxdots checkhostip clearallforwardings compression connectionattempts controlmaster controlpath controlpersist ' +
    'dynamicforward enableescapecommandline escapechar exitonforwardfailure fingerprinthash forkafterauthentication forwardagent ' +
    'forwardx11 forwardx11timeout forwardx11trusted gatewayports ipqos localcommand localforward loglevel logverbose ' +
    'numberofpasswordprompts obscurekeystroketiming permitlocalcommand permitremoteopen rekeylimit remotecommand remoteforward ' +
    'requesttty sendenv setenv sessiontype stdinnull streamlocalbindmask streamlocalbindunlink syslogfacility tag tcpkeepalive tunnel ' +
    'tunneldevice updatehostkeys visualhostkey xauthlocation proxyusefdpass channeltimeout refuseconnection versionaddendum ' +
    // Handled separately below.
    'gssapiauthentication gssapidelegatecredentials gssapikexalgorithms gssapikeyexchange gssapirenewalforcesrekey gssapitrustdns ' +
    'gssapiclientidentity gssapiserveridentity'
  ).split(' '),
);

/** They say whom lines are for, and where more of them are; files that are included are read, too. */
const STRUCTURAL = new Set(['host', 'match', 'include', 'ignoreunknown']);

/** The value of a keyword, undefined where it says "none". */
function value(config: SshConfig, keyword: string): string | undefined {
  const found = config.get(keyword)?.[0];
  return found === undefined || found === 'none' || found === '' ? undefined : found;
}

function isOn(config: SshConfig, keyword: string, otherwise: boolean): boolean {
  const found = value(config, keyword);
  return found === undefined ? otherwise : found === 'yes' || found === 'true';
}

function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}

/**
 * What OpenSSH would do for a target, in its own words.
 *
 * @param config `ssh -G` for the target; undefined where OpenSSH is not installed
 * @param defaults `ssh -F none -G`: whatever differs from it was configured; undefined where nothing was but what `resolve` honours
 */
export function resolve(
  target: Target,
  config: SshConfig | undefined,
  defaults: SshConfig | undefined,
): ResolvedSettings {
  const from: SshConfig = config ?? new Map();
  const strict = value(from, 'stricthostkeychecking');
  const files = (keyword: string): string[] =>
    (value(from, keyword) ?? '')
      .split(/\s+/)
      .filter((file) => file !== '')
      .map(expandHome);
  const userFiles = config === undefined ? [join(homedir(), '.ssh/known_hosts')] : files('userknownhostsfile');
  const globalFiles = config === undefined ? ['/etc/ssh/ssh_known_hosts'] : files('globalknownhostsfile');
  const identityFiles = (from.get('identityfile') ?? ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'])
    .filter((file) => file !== 'none')
    .map(expandHome);
  const family = value(from, 'addressfamily');
  const settings: SshSettings = {
    host: value(from, 'hostname') ?? target.address,
    port: target.port ?? Number(value(from, 'port') ?? 22),
    user: target.user ?? value(from, 'user') ?? userInfo().username,
    identityFiles:
      target.privateKeyFile === undefined
        ? identityFiles
        : [...new Set([expandHome(target.privateKeyFile), ...identityFiles])],
    identitiesOnly: isOn(from, 'identitiesonly', false),
    agentSocket: agentSocket(value(from, 'identityagent'), config?.has('identityagent') === true),
    knownHostsFiles: target.knownHostsFiles?.map(expandHome) ?? [...userFiles, ...globalFiles],
    hostKeyName: target.hostKeyAlias ?? value(from, 'hostkeyalias'),
    acceptNewHostKeys: target.acceptNewHostKeys === true || ['accept-new', 'no', 'off', 'false'].includes(strict ?? ''),
    hasRevokedKeys: value(from, 'revokedhostkeys') !== undefined,
    hashKnownHosts: isOn(from, 'hashknownhosts', false),
    proxyJump: (value(from, 'proxyjump') ?? '').split(',').filter((jump) => jump !== ''),
    connectTimeout: target.connectTimeout ?? Number(value(from, 'connecttimeout') ?? 10),
    keepaliveInterval: Number(value(from, 'serveraliveinterval') ?? 0) || 15,
    keepaliveCount: Number(value(from, 'serveralivecountmax') ?? 3),
    family: family === 'inet' ? 4 : family === 'inet6' ? 6 : 0,
    bindAddress: value(from, 'bindaddress'),
    methods: authMethods(from),
  };
  return {
    settings,
    needsOpenSsh: config === undefined ? [] : reasonsForOpenSsh(from, defaults, settings),
    hasOpenSsh: config !== undefined,
    usesOwnMaster: value(from, 'controlpath') !== undefined,
  };
}

/**
 * What stands between us and a host, which then does not see our address; undefined: nothing that ssh knows of.
 *
 * @example await wayTo(target)  // 'the jump host bastion'
 */
export async function wayTo(target: Target): Promise<string | undefined> {
  const { settings, needsOpenSsh } = await readSettings(target);
  const jump = settings.proxyJump.at(-1);
  if (jump !== undefined) return `the jump host ${jump}`;
  return needsOpenSsh.some((reason) => reason.startsWith('proxycommand')) ? 'a ProxyCommand' : undefined;
}

function agentSocket(configured: string | undefined, isConfigured: boolean): string | undefined {
  if (isConfigured && configured === undefined) return undefined;
  if (configured === undefined || configured === 'SSH_AUTH_SOCK') return process.env['SSH_AUTH_SOCK'] || undefined;
  return configured.startsWith('$') ? process.env[configured.slice(1)] || undefined : expandHome(configured);
}

function authMethods(config: SshConfig): AuthMethod[] {
  const allowed: AuthMethod[] = [];
  if (value(config, 'pubkeyauthentication') !== 'no' && value(config, 'pubkeyauthentication') !== 'false')
    allowed.push('publickey');
  if (isOn(config, 'kbdinteractiveauthentication', true)) allowed.push('keyboard-interactive');
  if (isOn(config, 'passwordauthentication', true)) allowed.push('password');
  const preferred = value(config, 'preferredauthentications')?.split(',');
  if (preferred === undefined) return allowed;
  return preferred.flatMap((name) => allowed.filter((method) => method === name));
}

function reasonsForOpenSsh(config: SshConfig, defaults: SshConfig | undefined, settings: SshSettings): string[] {
  const reasons: string[] = [];
  for (const [keyword, values] of defaults ? config : []) {
    const isDefault =
      values.join('\n') === (defaults?.get(keyword) ?? []).join('\n') ||
      (values[0] === 'none' && !defaults?.has(keyword));
    if (!HONOURED.has(keyword) && !isDefault) reasons.push(`${keyword} is set`);
  }
  if (isOn(config, 'gssapiauthentication', false) && hasKerberosTicket())
    reasons.push('gssapiauthentication with a Kerberos ticket');
  const master = value(config, 'controlpath');
  if (master !== undefined && existsSync(expandHome(master))) reasons.push('a ControlMaster is up');
  for (const file of settings.identityFiles) {
    if (existsSync(`${file}-cert.pub`)) reasons.push(`a certificate beside ${file}`);
    if (file.endsWith('_sk') && existsSync(file)) reasons.push(`a hardware key in ${file}`);
  }
  if (settings.identityFiles.some((file) => file.includes('%'))) reasons.push('a token in identityfile');
  return reasons;
}

function hasKerberosTicket(): boolean {
  const named = process.env['KRB5CCNAME'];
  return named === undefined
    ? existsSync(`/tmp/krb5cc_${userInfo().uid}`)
    : !named.startsWith('FILE:') || existsSync(named.slice(5));
}

/** Whether all that was set is honoured whatever it is. Old names of keywords are not known here: these are looked at. */
function isHonoured(keywords: ReadonlySet<string> | undefined): boolean {
  return keywords !== undefined && [...keywords].every((one) => HONOURED.has(one) || STRUCTURAL.has(one));
}

/** Asks the ssh client for a target's configuration; without a client there is none. */
export async function readSettings(target: Target): Promise<ResolvedSettings> {
  const said = await readConfig(target).catch((error: unknown) => {
    throw new Unreachable(`ssh cannot read the configuration for ${target.name}`, {
      where: target.name,
      hint: `Try: ssh ${[...(target.sshArgs ?? []), '-G', target.address].join(' ')}`,
      detail: error instanceof Error ? error.message : String(error),
    });
  });
  const config = said?.config;
  // Most have nothing configured that ssh2 could fail to honour: a start of ssh less.
  const defaults =
    said === undefined || isHonoured(said.keywords)
      ? undefined
      : ((await readDefaults()) ?? new Map<string, string[]>());
  if (config === undefined && (target.sshArgs ?? []).length > 0) {
    throw new Unreachable('extra ssh arguments need the OpenSSH client, which is not installed here', {
      where: target.name,
      hint: 'Install openssh-client, or leave out ansible_ssh_common_args.',
    });
  }
  return resolve(target, config, defaults);
}
