import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { otherWords } from './prompt-watch.ts';
import type { SecretText } from './types.ts';

/**
 * What ssh runs instead of asking at a terminal; its prompt is `$1`. The ssh that goes to a jump host (`-J`, ProxyJump,
 * ProxyCommand) inherits it, and that host words its keyboard-interactive questions as it likes: so the password is for
 * one process alone, the ssh that was started for the target. A passphrase opens a key of this machine, whichever ssh
 * needs it; its prompt is ssh's own to the letter (those of hosts begin with `(user@host) `). For a PIN, a code or a
 * new password we have no answer.
 */
const program = (otherwise: string): string => `#!/bin/sh
key=$(printf %.100s "$PLAY_SSH_KEY")
if [ -n "$PLAY_SSH_PASSPHRASE" ] && [ "$1" = "Enter passphrase for key '$key': " ]; then
  printf '%s\\n' "$PLAY_SSH_PASSPHRASE"
  exit 0
fi
if [ -n "$PLAY_SSH_PASSWORD" ] && [ "$PPID" = "$PLAY_SSH_PID" ] && ! printf '%s\\n' "$1" | grep -Eiqw '${otherWords}|new|pin'; then
  case $1 in
    *"'s password: " | "("*@*") "* | *[Pp]assword*:*)
      printf '%s\\n' "$PLAY_SSH_PASSWORD"
      exit 0
      ;;
  esac
fi
${otherwise}
`;

/** Anything we cannot answer is asked at the terminal, as ssh itself would do; secret input is not echoed. */
const atTerminal = `exec 3<>/dev/tty || exit 1
printf '%s' "$1" >&3
case $1 in
  *[Pp]ass* | *PIN*)
    trap 'stty echo <&3' EXIT
    trap 'exit 1' INT TERM HUP
    stty -echo <&3
    ;;
esac
IFS= read -r answer <&3 || exit 1
echo >&3
printf '%s\\n' "$answer"`;

export interface Answers {
  readonly password?: SecretText | undefined;
  /** The key named for the target, and what opens it. */
  readonly keyFile?: string | undefined;
  readonly passphrase?: string | undefined;
  /** What happens to prompts that are not answered here. */
  readonly otherwise: 'refuse' | 'ask at the terminal';
}

export interface Askpass {
  /** For the target's ssh: never in an argv, which everybody on this machine can see. */
  readonly environment: NodeJS.ProcessEnv;
  /** The command line that runs ssh such that it can be told from those it starts itself. */
  argv(ssh: readonly string[]): string[];
}

/** @param folder a private one */
export function makeAskpass(folder: string, { password, keyFile = '', passphrase = '', otherwise }: Answers): Askpass {
  const file = join(folder, 'askpass');
  writeFileSync(file, program(otherwise === 'refuse' ? 'exit 1' : atTerminal), { mode: 0o700 });
  return {
    environment: {
      SSH_ASKPASS: file,
      SSH_ASKPASS_REQUIRE: 'force',
      DISPLAY: process.env['DISPLAY'] ?? ':0',
      PLAY_SSH_PASSWORD: password?.expose() ?? '',
      PLAY_SSH_KEY: keyFile,
      PLAY_SSH_PASSPHRASE: passphrase,
    },
    argv: (ssh) => ['sh', '-c', 'PLAY_SSH_PID=$$; export PLAY_SSH_PID; exec "$@"', 'ssh', ...ssh],
  };
}
