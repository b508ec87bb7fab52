import { BecomeFailed, NoSuchAccount } from './errors.ts';
import type { Become, Target } from './types.ts';

/** How a lane's command is started as another user, and how its password prompt is recognised. */
export interface BecomeCommand {
  readonly command: string;
  /** What identifies a password prompt beyond doubt; others are recognised by their looks. */
  readonly prompt?: RegExp;
  /** doas reads passwords from a terminal only. */
  readonly pty: boolean;
}

/** User names go into a command line that any login shell may read: so they must need no quoting. */
function checkedUser(user: string): string {
  if (/^[\w.@][\w.@-]*\$?$/.test(user)) return user;
  throw new BecomeFailed(`"${user}" cannot be a user name to become`, {
    hint: 'Letters, digits, ".", "_", "-" and "@" are allowed.',
  });
}

/**
 * From root to any account without a password; runuser (util-linux) does not ask PAM for one, busybox only has su. The
 * lane's directory is made in /run, where no logout removes it, and this shell removes it afterwards, since the account
 * may not. Its name says which process this is and when it began, in a place where nobody else can write: the lock
 * relies on it (`run/lock-script.ts`).
 */
function fromRoot(user: string, lane: string): string {
  const program = [
    'trap : HUP PIPE; u=$1; shift; umask 077;',
    'l=; read -r l </proc/$$/stat; l=${l##*")" }; n=0; while [ "$n" -lt 19 ]; do l=${l#* }; n=$((n+1)); done;',
    'if d=$(mktemp -d "/run/play.$$.${l%% *}.XXXXXX" 2>/dev/null); then chown "$u" "$d"; else d=; fi;',
    'if command -v runuser >/dev/null; then runuser -u "$u" -- "$@" $d; else su -s /bin/sh -c "exec \\"\\$0\\" \\"\\$@\\"" -- "$u" "$@" $d; fi;',
    'c=$?; if [ -n "$d" ]; then rm -rf "$d"; fi; exit $c',
  ].join(' ');
  // The lane contains single quotes: it is passed on as arguments, so that sh -c sees one quoted program.
  return `sh -c '${program}' play ${user} ${lane}`;
}

/**
 * The command line that starts `lane` (a quoted command) as `become.user`.
 *
 * @param nonce makes sudo's prompt one that nothing else prints
 * @param loginIsRoot then no sudo is needed, or even installed
 * @param throughRoot a root lane was allowed before: other users are reached through root
 */
export function becomeCommand(
  lane: string,
  become: Become | undefined,
  { nonce, loginIsRoot, throughRoot }: { nonce: string; loginIsRoot: boolean; throughRoot: boolean },
): BecomeCommand {
  if (become === undefined) return { command: `exec ${lane}`, pty: false };
  const user = checkedUser(become.user);
  if (loginIsRoot) return { command: `exec ${user === 'root' ? lane : fromRoot(user, lane)}`, pty: false };
  const hasPassword = become.password !== undefined;
  switch (become.method) {
    case 'sudo': {
      const prompt = `[play-${nonce}] `;
      // sudo-rs puts it into a prompt of its own: "[sudo: OURS] Password: ". The end of that may arrive a moment later.
      const shown = new RegExp(`(?<!\\[sudo: )\\[play-${nonce}\\] $|\\[play-${nonce}\\].*:\\s*$`);
      const options = hasPassword ? `-H -S -p '${prompt}'` : '-H -n';
      const viaRoot = throughRoot && user !== 'root';
      const [who, what] = viaRoot ? ['root', fromRoot(user, lane)] : [user, lane];
      return { command: `exec env LC_ALL=C sudo ${options} -u ${who} -- ${what}`, pty: false, prompt: shown };
    }
    case 'su':
      // su takes one string for its shell; the lane's words follow it as that shell's arguments.
      return {
        command: `exec env LC_ALL=C su -s /bin/sh -c 'exec "$0" "$@"' -- ${user} ${lane}`,
        pty: false,
        prompt: /[Pp]assword: ?$/,
      };
    case 'doas':
      return hasPassword
        ? {
            command: `exec sh -c 'stty raw -echo; exec "$@"' play doas -u ${user} ${lane}`,
            pty: true,
            prompt: /password: ?$/,
          }
        : { command: `exec doas -n -u ${user} ${lane}`, pty: false };
    default:
      return become.method satisfies never;
  }
}

/** The tool needs a terminal: worth a second try with one. */
export function wantsTerminal(output: string): boolean {
  return /must have a tty|must be run from a terminal|a terminal is required|standard in must be a tty/i.test(output);
}

/** Which account becomes which on which host, for sentences. */
export interface BecomeAttempt {
  readonly become: Become;
  readonly target: Target;
  readonly loginUser: string | undefined;
}

function withoutNonce(text: string): string {
  return text.replace(/(\[sudo: )?\[play-[0-9a-f]+\] ?(\] Password: ?)?/g, '').trim();
}

/** The tool asked again: the password it was given is wrong. */
export function wrongPassword({ become, target, loginUser }: BecomeAttempt): BecomeFailed {
  // sudo and doas ask for the password of the account that calls them, su for that of the target account.
  const whose = become.method === 'su' ? become.user : (loginUser ?? 'the login user');
  return new BecomeFailed(`wrong ${become.method} password for ${whose} on ${target.name}`, {
    where: target.name,
    hint: 'Give the right one with -K (--ask-become-pass).',
  });
}

/** The tool's own words, as an error people can read. */
export function becomeRefused(attempt: BecomeAttempt, output: string, code: number | undefined): BecomeFailed {
  const { become, target, loginUser } = attempt;
  const who = loginUser ?? 'the login user';
  // Our own prompt, which sudo repeats, means nothing to anybody.
  const detail = withoutNonce(output);
  const fail = (what: string, hint: string) =>
    new BecomeFailed(what, { where: target.name, hint, ...(detail === '' ? {} : { detail }) });
  if (/incorrect (password|authentication)|authentication fail|authorization failed/i.test(output)) {
    return become.password === undefined ? passwordNeeded(attempt, detail) : wrongPassword(attempt);
  }
  if (/password is required|authentication (is )?required|no password was provided/i.test(output))
    return passwordNeeded(attempt, detail);
  if (
    /not in the sudoers|not allowed to|may not run sudo|I'm afraid I can't do that|Operation not permitted|Permission denied/.test(
      output,
    )
  ) {
    return fail(
      `${who} may not become ${become.user} by ${become.method} on ${target.name}`,
      `Allow it in ${become.method === 'doas' ? '/etc/doas.conf' : 'the sudoers'} of ${target.name}, or log in as somebody who may.`,
    );
  }
  const missing = noSuchAccount(attempt, output);
  if (missing !== undefined) return missing;
  if (code === 127 || /not found/.test(output)) {
    return fail(
      `${become.method} is not installed on ${target.name}`,
      'Install it, choose another become_method, or log in as root.',
    );
  }
  return fail(
    `${who} could not become ${become.user} by ${become.method} on ${target.name}`,
    `${become.method} ended with code ${code ?? 'unknown'}.`,
  );
}

/** Whether the tool's own words say that there is no such account. */
export function noSuchAccount({ become, target }: BecomeAttempt, output: string): NoSuchAccount | undefined {
  if (!/unknown user|does not exist|no such user|user .* not found/i.test(output)) return undefined;
  const detail = withoutNonce(output);
  return new NoSuchAccount(`there is no user ${become.user} on ${target.name}`, {
    where: target.name,
    hint: `Check becomeUser; a user that the play makes must come before: user({ name: '${become.user}' })`,
    ...(detail === '' ? {} : { detail }),
  });
}

/** It asked for something that a password does not answer, or for something else after the password. */
export function asksForMore({ become, target }: BecomeAttempt, text: string): BecomeFailed {
  return new BecomeFailed(
    `${become.method} on ${target.name} asks for more than a password, which play cannot answer`,
    {
      where: target.name,
      hint: `Allow it without that for this account (PAM, or NOPASSWD in its sudoers), or log in as ${become.user}.`,
      detail: withoutNonce(text),
    },
  );
}

/** The tool asked for a password, and there is none to give. */
export function passwordNeeded({ become, target, loginUser }: BecomeAttempt, detail = ''): BecomeFailed {
  const whose = become.method === 'su' ? become.user : (loginUser ?? 'the login user');
  return new BecomeFailed(`${become.method} on ${target.name} wants a password for ${whose}, and none was given`, {
    where: target.name,
    hint: 'Give it with -K (--ask-become-pass), or set ansible_become_password.',
    ...(detail === '' ? {} : { detail }),
  });
}
