import { command, debug, slurp, type Task } from 'play';

/**
 * An SSH key that is made on the host, once, and never leaves it. The run that makes it shows the public half, which
 * whoever shall let the host in needs.
 *
 * @param what what the key is for, in a few words: `test helpers`
 */
export function sshKeyOnHost({
  path,
  what,
  comment,
  tags = [],
}: {
  readonly path: string;
  readonly what: string;
  readonly comment: string;
  readonly tags?: string | readonly string[];
}): Task[] {
  // ssh-keygen writes the public half last: where it is there, both are whole.
  const made = command(
    { argv: ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path], creates: `${path}.pub` },
    { name: `key for ${what}`, tags },
  );
  const publicKey = slurp(
    { src: `${path}.pub` },
    { name: `read the public key for ${what}`, tags, when: ({ results }) => results(made).changed },
  );
  return [
    made,
    publicKey,
    debug(
      { msg: ({ results }) => `key for ${what}: ${results(publicKey).text.trim()}` },
      { name: `show the public key for ${what}`, tags, when: ({ results }) => results(made).changed },
    ),
  ];
}
