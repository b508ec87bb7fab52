// Hundreds of SSH servers on one machine: two processors cannot run as many hosts, each with an OpenSSH server and PAM.
// They are real logins and real shells all the same: as many dropbear servers (an SSH server in C, Debian's
// dropbear-bin) in one throwaway host, each with a port, a /run, a /srv and records of its own.
import { reached, slowLink } from './hosts.mjs';

const firstPort = 20_000;

/** Starts a server in a mount namespace of its own. */
const server = `for place in /run /srv /var/lib/play; do mount -t tmpfs -o size=8m,mode=0755 endpoint "$place" || exit; done
exec dropbear -F -E -s -r /root/endpoint.key -p "$1"
`;

const setUp = (count) => `set -e
apt-get update -qq && apt-get install -y -qq --no-install-recommends dropbear-bin procps
mkdir -p /srv /var/lib/play
[ -e /root/endpoint.key ] || dropbearkey -t ed25519 -f /root/endpoint.key >/dev/null
cat >/root/endpoint <<'END'
${server}END
systemd-run -q --unit endpoints -p TasksMax=infinity -p LimitNOFILE=65536 sh -c '
n=0; while [ $n -lt ${count} ]; do unshare --mount sh /root/endpoint $((${firstPort} + n)) & n=$((n + 1)); done; wait'
for n in $(seq 600); do
  [ $(ss -Hltn | grep -c ':2[0-9]\\{4\\} ') -lt ${count} ] || exit 0
  sleep 0.1
done
echo "the servers did not come up" >&2
exit 1`;

export class Endpoints {
  #hosts;
  #work;
  #targets = [];

  constructor(hosts, work) {
    this.#hosts = hosts;
    this.#work = work;
  }

  async start(count) {
    await this.#hosts.fresh('endpoints');
    await this.#hosts.exec('endpoints', setUp(count));
    const shown = await this.#hosts.exec('endpoints', 'dropbearkey -y -f /root/endpoint.key');
    const hostKeys = [/^ssh-ed25519 \S+/m.exec(shown)[0]];
    const { address, privateKeyFile: key } = this.#hosts.target('endpoints');
    this.#targets = Array.from({ length: count }, (_, n) => ({
      name: `e${n}`,
      address,
      port: firstPort + n,
      user: 'root',
      key,
      hostKeys,
    }));
  }

  /** Inventory and ssh_config of the first ones. @param replaced other ports, by name, on this machine */
  files(label, count, replaced = {}) {
    const targets = this.#targets.slice(0, count).map((one) => {
      const port = replaced[one.name];
      return port === undefined ? one : { ...one, address: '127.0.0.1', port };
    });
    return { ...reached(this.#work, label, targets), names: targets.map(({ name }) => name) };
  }

  /**
   * While `work` runs the last one says nothing any more, though it is connected to, and the last but one is at the end
   * of a long way.
   *
   * @param work is given the files, and the names of the two
   */
  async withTrouble(label, count, work) {
    const [slow, hung] = this.#targets.slice(count - 2, count);
    const signal = (name) => this.#hosts.exec('endpoints', `pkill -${name} -f -- '-p ${hung.port}$'`);
    const link = await slowLink(slow.address, slow.port, 600);
    try {
      await signal('STOP');
      return await work(this.files(label, count, { [slow.name]: link.port }), [slow.name, hung.name]);
    } finally {
      link.end();
      await signal('CONT');
    }
  }
}
