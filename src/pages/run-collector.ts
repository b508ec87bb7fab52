import type { TaskFailure } from '../engine/index.ts';
import { TaskOrder, type ShownEvent, type ShownTaskEvent } from '../report/index.ts';
import type { About, Change, HostRow, Outcome, PlayRows, Row, RunModel, Told } from './run-model.ts';

type HostEvent = Extract<ShownEvent, { event: 'unreachable' | 'host-failed' | 'gone' | 'held' }>;

interface Said {
  readonly outcome: Outcome;
  readonly changes: readonly Change[];
  readonly message: string | null;
  readonly may: string | null;
  readonly assumed: readonly string[];
  readonly error: TaskFailure | null;
  readonly isHidden: boolean;
}

interface PlayDraft extends PlayRows {
  readonly order: TaskOrder<Row>;
}

/** Makes the grid of a run of its events. */
export class RunCollector {
  readonly #hosts = new Map<string, HostRow>();
  readonly #plays = new Map<string, PlayDraft>();
  readonly #told: Told[] = [];
  /** Which of them a row has, by what they say. */
  readonly #known = new Map<Row, Map<string, number>>();
  readonly #notices: { host: string | null; text: string }[] = [];
  #exit: number | undefined;
  #seconds: number | undefined;

  readonly listener = (event: ShownEvent): void => {
    switch (event.event) {
      case 'play':
        for (const host of event.hosts) this.#host(host);
        this.#play(event.play);
        break;
      case 'task':
      case 'handler':
        this.#task(event);
        break;
      case 'unreachable':
      case 'host-failed':
      case 'gone':
      case 'held':
        this.#out(event);
        break;
      case 'notice':
        this.#notices.push({ host: event.host, text: event.text });
        break;
      case 'rollout-stopped':
        this.#notices.push({ host: null, text: `The roll-out of "${event.play}" stopped: ${event.why}` });
        break;
      case 'recap':
        for (const [name, counts] of Object.entries(event.hosts)) this.#host(name).counts = counts;
        this.#exit = event.exit;
        if (event.seconds > 0) this.#seconds = event.seconds;
        break;
      default:
    }
  };

  /** What is known so far. */
  model(about: About): RunModel {
    const order = new Map([...this.#hosts.keys()].map((name, index) => [name, index]));
    const orderOf = (host: string): number => order.get(host) ?? 0;
    return {
      about,
      hosts: [...this.#hosts.values()],
      plays: [...this.#plays.values()].filter(({ rows }) => rows.length > 0),
      // In the order in which the grid has them, and not as they came.
      told: this.#told.map((told) => ({ ...told, hosts: told.hosts.toSorted((a, b) => orderOf(a) - orderOf(b)) })),
      notices: this.#notices,
      exit: this.#exit,
      seconds: this.#seconds,
    };
  }

  #task(event: ShownTaskEvent): void {
    const { host, play, role, task, resource, tags, gate, seconds } = event;
    const row = this.#row(host, play, { kind: event.event, role, task, resource, tags, gate });
    const said: Said = {
      outcome: outcomeOf(event),
      changes: event.changes.map(({ text, ...change }) => ({
        ...change,
        ...(text === undefined ? {} : { path: text.path, diff: text.diff }),
      })),
      message: event.message,
      may: event.may,
      assumed: event.assumed,
      error: event.error,
      isHidden: event.hidden,
    };
    row.cells.set(host, { outcome: said.outcome, told: this.#tell(row, play, host, said), seconds });
    this.#host(host).seconds += seconds;
  }

  /** A host that takes no further part. */
  #out(event: HostEvent): void {
    const { host, play } = event;
    const row = this.#row(host, play, {
      kind: 'host',
      role: null,
      task: 'the host itself',
      resource: '',
      tags: [],
      gate: undefined,
    });
    const said: Said = {
      outcome: event.event === 'host-failed' ? 'failed' : event.event,
      changes: [],
      message: event.event === 'held' ? event.text : null,
      may: null,
      assumed: [],
      error: event.event === 'held' ? null : event.error,
      isHidden: false,
    };
    row.cells.set(host, { outcome: said.outcome, told: this.#tell(row, play, host, said), seconds: 0 });
  }

  #row(host: string, play: string, made: Omit<Row, 'cells'>): Row {
    this.#host(host);
    return this.#play(play).order.next(host, made, () => ({ ...made, cells: new Map() }));
  }

  /** @returns the number of what is said of it; undefined where there is nothing to say */
  #tell(row: Row, play: string, host: string, said: Said): number | undefined {
    const { changes, message, may, assumed, error, outcome } = said;
    const isSilent = changes.length === 0 && message === null && may === null && assumed.length === 0 && error === null;
    if (isSilent && outcome !== 'changed') return undefined;
    const known = this.#known.get(row) ?? new Map<string, number>();
    this.#known.set(row, known);
    const key = JSON.stringify(said);
    let number = known.get(key);
    if (number === undefined) {
      number = this.#told.push({ ...said, row, play, hosts: [] }) - 1;
      known.set(key, number);
    }
    this.#told[number]?.hosts.push(host);
    return number;
  }

  #host(name: string): HostRow {
    const known = this.#hosts.get(name) ?? { name, counts: undefined, seconds: 0 };
    this.#hosts.set(name, known);
    return known;
  }

  #play(name: string): PlayDraft {
    let known = this.#plays.get(name);
    if (known === undefined) {
      const order = new TaskOrder<Row>();
      known = { name, rows: order.rows, order };
      this.#plays.set(name, known);
    }
    return known;
  }
}

function outcomeOf({ status, may, ignored, rescued }: ShownTaskEvent): Outcome {
  if (status === 'failed' && ignored) return 'ignored';
  if (status === 'failed' && rescued) return 'rescued';
  if (may !== null && (status === 'ok' || status === 'changed')) return 'may';
  return status;
}
