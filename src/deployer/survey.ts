import { connect, Unreachable, type Connection } from '../connection/index.ts';
import { ProbeFailure, type Question } from '../contract/index.ts';
import { HostSession, isRecords, recordsQuestion, type Hold } from '../engine/index.ts';
import type { PlayError } from '../errors/index.ts';
import { limiter } from '../run/index.ts';
import type { ChosenHosts } from '../targets/chosen-hosts.ts';
import { asPlayError } from '../targets/unreachable.ts';
import { installed, type Installed } from './installed.ts';

/** What one host runs, or why that is not known. */
export type HostReport =
  | { readonly host: string; readonly packages: ReadonlyMap<string, Installed>; readonly holds: readonly Hold[] }
  | { readonly host: string; readonly unreachable: PlayError };

/** The hosts of all stages: each connected once, and asked as often as needed. */
export class Survey {
  readonly #chosen: ChosenHosts;
  readonly #slots: ReturnType<typeof limiter>;
  readonly #open = new Map<string, Promise<Connection>>();
  readonly #lent = new Set<string>();

  constructor(chosen: ChosenHosts, forks: number) {
    this.#chosen = chosen;
    this.#slots = limiter(forks);
  }

  /** The connection to a host; made when first asked for. @throws Unreachable */
  connection(host: string): Promise<Connection> {
    let opened = this.#open.get(host);
    if (!opened) {
      opened = connect(this.#chosen.target(host));
      this.#open.set(host, opened);
    }
    return opened;
  }

  /**
   * For a run that makes and ends its connections itself: the first it gets is ours, which stays open behind it, any
   * other is new.
   */
  async lend(host: string): Promise<Connection> {
    if (this.#lent.has(host)) this.#open.delete(host);
    this.#lent.add(host);
    const connection = await this.connection(host);
    return {
      target: connection.target,
      description: connection.description,
      lane: (become) => connection.lane(become),
      live: (command) => connection.live(command),
      close: async () => undefined,
    };
  }

  /** Which versions these hosts have, all at once and with one exchange each. A host that cannot be reached says so. */
  versions(hosts: readonly string[], packages: readonly string[]): Promise<HostReport[]> {
    return Promise.all(
      hosts.map((host) =>
        this.#slots(async (): Promise<HostReport> => {
          try {
            const [records, ...answers] = await this.#ask(host, '', [recordsQuestion, ...packages.map(installed)]);
            const holds = isRecords(records) ? records.holds : [];
            return { host, packages: new Map(packages.map((name, i) => [name, answers[i] as Installed])), holds };
          } catch (thrown) {
            const error = asPlayError(thrown);
            // A connection that broke is not to be asked again.
            this.#open.delete(host);
            return { host, unreachable: error };
          }
        }),
      ),
    );
  }

  /** Asks a host one thing as root. @throws PlayError when it cannot be answered */
  async askAsRoot<A>(host: string, question: Question<A>): Promise<A> {
    const [answer] = await this.#ask(host, 'root', [question]);
    return answer as A;
  }

  async #ask(host: string, account: string, questions: readonly Question[]): Promise<readonly unknown[]> {
    const session = new HostSession(
      host,
      await this.connection(host),
      { become: (user) => this.#chosen.become(host, user) },
      () => undefined,
      false,
      () => this.connection(host),
    );
    await session.exchange(account, [], questions);
    return questions.map((question) => {
      const answer = session.state.answer(account, question)?.answer;
      if (answer instanceof ProbeFailure) throw new Unreachable(`${host} did not answer: ${answer.message}`);
      return answer;
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map(async (opened) => (await opened).close()));
  }
}
