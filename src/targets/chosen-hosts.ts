import { connect, type Become, type Connection, type Target } from '../connection/index.ts';
import { PlayError } from '../errors/index.ts';
import { matchHosts, type Inventory } from '../inventory/index.ts';
import type { HostFlags } from '../options/host-flags.ts';
import type { Launch } from '../project/launch.ts';
import { limiter } from '../run/index.ts';
import type { Redactor } from '../secrets/index.ts';
import { becomeReader, becoming } from './become.ts';
import { openInventory, type InventoryPlace } from './open-inventory.ts';
import { passphraseAsker, runPasswords } from './passwords.ts';
import { reachHosts } from './reach-hosts.ts';
import { asPlayError } from './unreachable.ts';

/** The hosts a command is for, and how each is reached. */
export interface ChosenHosts {
  readonly inventory: Inventory;
  /** In inventory order. */
  readonly hosts: readonly string[];
  target(host: string): Target;
  /** How another user is become there: the host's variables, else the command line. */
  become(host: string, user: string): Become;
  /** Whom commands are run as; undefined is the login user. */
  asked(host: string): Become | undefined;
}

export interface HostChoice {
  readonly flags: HostFlags;
  readonly launch: Launch;
  readonly redactor: Redactor;
  /** A host pattern of the command itself, to which -l is applied. */
  readonly pattern: string;
  /** What is known of the inventory already. */
  readonly place?: InventoryPlace;
}

/**
 * Reads the inventory, picks hosts and reads how they are reached: every mistake in it comes before a connection.
 *
 * @throws PlayError also when no host is left
 */
export async function chooseHosts({ flags, launch, redactor, pattern, place }: HostChoice): Promise<ChosenHosts> {
  const opened = await openInventory(flags, launch, place);
  const { inventory } = opened;
  const hosts = matchHosts(inventory, pattern, flags.limit === undefined ? {} : { limit: flags.limit });
  if (hosts.length === 0)
    throw new PlayError('No host is left', {
      hint: `The pattern is "${pattern}"${flags.limit === undefined ? '' : `, the limit "${flags.limit}"`}. play inventory --hosts -l PATTERN shows what one matches.`,
    });
  const passwords = await runPasswords(flags);
  const own = becomeReader(inventory, flags.sandbox !== false);
  const { passwordOf, become } = becoming(own, flags, passwords.become);
  const targets = await reachHosts({
    ...opened,
    hosts,
    login: { password: passwords.login, passphrase: passphraseAsker() },
    becomePasswordOf: passwordOf,
    redactor,
  });
  return {
    inventory,
    hosts,
    target: (host) => known(targets, host),
    become,
    asked(host) {
      const isAsked = own(host).become?.value ?? flags.become;
      return isAsked ? become(host, own(host).user?.value ?? flags.becomeUser ?? 'root') : undefined;
    },
  };
}

/**
 * The host of a command that is for one alone.
 *
 * @param more what does the same for many
 * @throws PlayError when the pattern means several
 */
export function onlyHost({ hosts }: ChosenHosts, pattern: string, more: string): string {
  const [host = '', ...others] = hosts;
  if (others.length === 0) return host;
  throw new PlayError(`"${pattern}" means ${hosts.length} hosts`, {
    hint: `Name one of them: ${hosts.slice(0, 5).join(', ')}${others.length > 4 ? ', ...' : ''}. ${more}`,
  });
}

function known(targets: ReadonlyMap<string, Target>, host: string): Target {
  const target = targets.get(host);
  if (target === undefined) throw new Error(`no target for ${host}`);
  return target;
}

/** What a command does with each of its hosts. */
export interface HostWork {
  /** At once. */
  readonly forks: number;
  readonly work: (host: string, open: () => Promise<Connection>) => Promise<void>;
  /** Told of whatever was thrown over a host: it is that host's, and the others go on. */
  readonly failed: (host: string, error: PlayError) => void;
}

/** Connects to every host, and closes each connection behind the work. */
export async function onEachHost(chosen: ChosenHosts, { forks, work, failed }: HostWork): Promise<void> {
  const slots = limiter(forks);
  await Promise.all(
    chosen.hosts.map((host) =>
      slots(async () => {
        let opened: Promise<Connection> | undefined;
        try {
          await work(host, () => (opened ??= connect(chosen.target(host))));
        } catch (thrown) {
          failed(host, asPlayError(thrown));
        } finally {
          await opened?.then((connection) => connection.close()).catch(() => undefined);
        }
      }),
    ),
  );
}
