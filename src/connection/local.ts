import { userInfo } from 'node:os';
import { spawnChannel } from './process-channel.ts';
import type { Transport } from './transport.ts';

/** This machine itself, without ssh: `ansible_connection=local`. */
export function localTransport(): Transport {
  return {
    user: userInfo().username,
    description: 'local',
    async exec(command, { pty }) {
      // util-linux's script gives the terminal that requiretty wants; `-e` passes the exit code on.
      const words = pty ? ['script', '-qec', command, '/dev/null'] : ['/bin/sh', '-c', command];
      return spawnChannel(words, { env: process.env, killOnClose: false });
    },
    close: async () => undefined,
  };
}
