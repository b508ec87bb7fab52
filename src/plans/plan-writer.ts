import type { ShownEvent, ShownTaskEvent } from '../report/index.ts';
import { plannedTask } from './planned-task.ts';
import type { Plan, PlannedHost, PlannedTask } from './schema.ts';

interface Draft {
  readonly plays: { readonly part: number; readonly play: string; readonly tasks: PlannedTask[] }[];
  readonly notices: string[];
  out?: PlannedHost['out'];
}

/** Makes the hosts of a plan from the events of a check run: the same that reports and records get. */
export class PlanWriter {
  readonly #project: string;
  readonly #drafts = new Map<string, Draft>();
  #part = -1;
  #hosts: Plan['hosts'] | undefined;

  /** @param project its folder */
  constructor(project: string) {
    this.#project = project;
  }

  readonly listener = (event: ShownEvent): void => {
    switch (event.event) {
      case 'play':
        this.#part++;
        break;
      case 'task':
      case 'handler':
        this.#add(event);
        break;
      case 'notice':
        if (event.host !== null) this.#draft(event.host).notices.push(event.text);
        break;
      case 'held':
        this.#draft(event.host).out = { is: 'held', why: event.text };
        break;
      case 'gone':
      case 'unreachable':
        this.#draft(event.host).out = { is: event.event, why: event.error.what };
        break;
      case 'host-failed':
        this.#draft(event.host).out = { is: 'failed', why: event.error.what };
        break;
      case 'recap':
        this.#hosts = Object.fromEntries(
          Object.entries(event.hosts).map(([host, counts]) => {
            const { plays, notices, out } = this.#draft(host);
            return [
              host,
              {
                counts: { ...counts },
                plays,
                ...(out === undefined ? {} : { out }),
                ...(notices.length > 0 ? { notices } : {}),
              },
            ];
          }),
        );
        break;
      default:
    }
  };

  /** What is planned, by host. Empty before the run is over. */
  hosts(): Plan['hosts'] {
    return this.#hosts ?? {};
  }

  #add(event: ShownTaskEvent): void {
    const { plays } = this.#draft(event.host);
    let last = plays.at(-1);
    if (last?.part !== this.#part) {
      last = { part: this.#part, play: event.play, tasks: [] };
      plays.push(last);
    }
    last.tasks.push(plannedTask(event, this.#project));
  }

  #draft(host: string): Draft {
    const known = this.#drafts.get(host) ?? { plays: [], notices: [] };
    this.#drafts.set(host, known);
    return known;
  }
}
