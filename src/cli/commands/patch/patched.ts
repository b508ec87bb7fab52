import type { ShownEvent, ShownTaskEvent } from '../../../report/index.ts';
import type { AptUpgradeResult, NeedrestartResult } from '../../../resources/index.ts';
import { patchTasks } from './patch-play.ts';

/** What `play patch` came to on one host; in check mode, what it would. */
export interface PatchedHost {
  readonly host: string;
  readonly status: 'fine' | 'failed' | 'unreachable' | 'held';
  /** What was upgraded, and what was not; undefined where nobody could look. */
  readonly upgrades: AptUpgradeResult | undefined;
  /** Whether the packages are upgraded; else they only could be. */
  readonly isUpgraded: boolean;
  /** What ran old code, and why a reboot is needed: the last that is known. */
  readonly outdated: NeedrestartResult | undefined;
  /** Units that were restarted. */
  readonly restarted: readonly string[];
  readonly isRebooted: boolean;
  /** Why it was. */
  readonly rebootedFor: readonly string[];
}

interface Draft {
  status: PatchedHost['status'];
  upgrades?: AptUpgradeResult;
  isUpgraded: boolean;
  outdated?: NeedrestartResult;
  restarted: readonly string[];
  isRebooted: boolean;
  rebootedFor: readonly string[];
}

/** Makes of the events of a run what it came to on each host. */
export class PatchedHosts {
  readonly #drafts = new Map<string, Draft>();

  hear(event: ShownEvent): void {
    switch (event.event) {
      case 'play':
        for (const host of event.hosts) this.#draft(host);
        break;
      case 'held':
        this.#draft(event.host).status = 'held';
        break;
      case 'unreachable':
        this.#draft(event.host).status = 'unreachable';
        break;
      case 'host-failed':
        this.#draft(event.host).status = 'failed';
        break;
      case 'task':
        this.#hearTask(event, this.#draft(event.host));
        break;
      default:
    }
  }

  #hearTask(event: ShownTaskEvent, draft: Draft): void {
    if (!event.ignored && !event.rescued) {
      if (event.status === 'failed') draft.status = 'failed';
      if (event.status === 'unreachable') draft.status = 'unreachable';
      if (event.status === 'held' && draft.status === 'fine') draft.status = 'held';
    }
    if (event.status !== 'ok' && event.status !== 'changed') return;
    const { detail } = event;
    switch (event.task) {
      case patchTasks.available:
        if (isUpgrades(detail)) draft.upgrades = detail;
        break;
      case patchTasks.upgrade:
        if (isUpgrades(detail)) draft.upgrades = detail;
        draft.isUpgraded = event.status === 'changed';
        break;
      case patchTasks.running:
      case patchTasks.outdated:
      case patchTasks.rebooted:
        if (isOutdated(detail)) draft.outdated = detail;
        break;
      case patchTasks.reboot:
        if (event.status !== 'changed') break;
        draft.isRebooted = true;
        draft.rebootedFor = draft.outdated?.reboot ?? [];
        // What is still to be said of it, the look after the reboot says.
        draft.outdated = { services: [], left: [], reboot: [] };
        break;
      case patchTasks.restart:
        if (event.status === 'changed' && isOutdated(detail)) {
          draft.restarted = detail.services.map(({ unit }) => unit);
          draft.outdated = { ...detail, services: [] };
        }
        break;
      default:
    }
  }

  #draft(host: string): Draft {
    const known = this.#drafts.get(host) ?? {
      status: 'fine',
      isUpgraded: false,
      restarted: [],
      isRebooted: false,
      rebootedFor: [],
    };
    this.#drafts.set(host, known);
    return known;
  }

  /** In the order in which they were met. */
  all(): PatchedHost[] {
    return [...this.#drafts].map(([host, { upgrades, outdated, ...draft }]) => ({
      host,
      upgrades,
      outdated,
      ...draft,
    }));
  }
}

// What an event carries is data of any kind to its types; these come from the play's own tasks.
function isUpgrades(detail: unknown): detail is AptUpgradeResult {
  return hasLists(detail, ['packages', 'keptBack', 'phased', 'held', 'notInstalled']);
}

function isOutdated(detail: unknown): detail is NeedrestartResult {
  return hasLists(detail, ['services', 'left', 'reboot']);
}

function hasLists(detail: unknown, names: readonly string[]): boolean {
  return (
    typeof detail === 'object' && detail !== null && names.every((name) => Array.isArray(Reflect.get(detail, name)))
  );
}
