import type { RecapEvent } from '../engine/index.ts';
import { ExitCode } from '../errors/index.ts';
import { notifyMoments, type NotifySettings } from '../options/notify-flags.ts';
import { serviceText, type Service } from '../playbook/index.ts';
import type { ShownListener } from '../report/index.ts';
import { warnOf } from '../report/warnings.ts';
import { reveal, type Redactor } from '../secrets/index.ts';
import { operatorName } from '../values/index.ts';
import { commandLine } from './command-line.ts';

/** Milliseconds that a webhook has to answer; nobody waits longer for it. */
const mostWait = 5000;

export interface NotifierInput {
  readonly settings: NotifySettings | undefined;
  /** Check mode and throwaway hosts are nobody else's business. */
  readonly isSilent: boolean;
  readonly hosts: readonly string[];
  readonly redactor: Redactor;
}

/** Tells a webhook of one run. Whatever goes wrong with that is a warning, and nothing to the run. */
export class Notifier {
  readonly #input: NotifierInput;
  readonly #who: string;
  #sent: Promise<void> = Promise.resolve();
  /** What failed of services that somebody declared, with its hosts. */
  readonly #broken = new Map<string, { readonly service: Service; readonly hosts: Set<string> }>();

  constructor(input: NotifierInput) {
    this.#input = input;
    const command = commandLine().replaceAll('`', "'");
    this.#who = `${operatorName()}: \`${command}\``;
  }

  /** Hears which services a run fails on. */
  readonly listener: ShownListener = (event) => {
    if (!('error' in event) || event.error === null || !('host' in event)) return;
    if ('ignored' in event && (event.ignored || event.rescued)) return;
    for (const service of event.error.services ?? []) {
      const known = this.#broken.get(service.name) ?? { service, hosts: new Set() };
      this.#broken.set(service.name, known);
      known.hosts.add(event.host);
    }
  };

  /** The run begins; it does not wait for this. */
  start(): void {
    if (this.#wants('start')) this.#post(`${this.#who} began on ${listed(this.#input.hosts)}`);
  }

  /** The run has ended; waits for what is still being sent, a few seconds at most. */
  async end(recap: RecapEvent, exit: number): Promise<void> {
    if (this.#wants('end') || (exit !== ExitCode.ok && this.#wants('failure')))
      this.#post([`${this.#who} ${endText(recap, exit)}`, ...this.#services()].join('\n'));
    await this.#sent;
  }

  #services(): string[] {
    return [...this.#broken.values()].map(
      ({ service, hosts }) => `on ${listed([...hosts])}, service ${serviceText(service)}`,
    );
  }

  #wants(moment: (typeof notifyMoments)[number]): boolean {
    const { settings, isSilent } = this.#input;
    return settings !== undefined && !isSilent && (settings.on ?? notifyMoments).includes(moment);
  }

  /** One after the other, so that they arrive as they were said. */
  #post(text: string): void {
    const masked = slackText(this.#input.redactor.redact(text));
    this.#sent = this.#sent
      .then(() => this.#send(masked))
      .catch((thrown: unknown) => warnOf({ what: `Nobody was notified of this run: ${reasonOf(thrown)}` }));
  }

  async #send(text: string): Promise<void> {
    const response = await fetch(reveal(this.#input.settings?.url ?? ''), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
      redirect: 'error',
      signal: AbortSignal.timeout(mostWait),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
  }
}

/** `&`, `<` and `>` are Slack's own: what is in them would be a link, or call people by name. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** @example ended after 34 s with exit code 2: 3 changed, failed: web3, unreachable: db1 */
function endText({ hosts, held, gone, seconds }: RecapEvent, exit: number): string {
  const all = Object.entries(hosts);
  const changed = all.reduce((sum, [, counts]) => sum + counts.changed, 0);
  const named = (word: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${word}: ${listed(names)}`];
  const parts = [
    `${changed} changed`,
    ...named('failed', namesOf(all, 'failed')),
    ...named('unreachable', namesOf(all, 'unreachable')),
    ...named('held', Object.keys(held)),
    ...named('gone', gone),
  ];
  const how = exit === ExitCode.ok ? 'ended well' : exit === ExitCode.interrupted ? 'was interrupted' : 'failed';
  const verb = exit === ExitCode.held ? 'ended, leaving alone what is held,' : how;
  return `${verb} after ${Math.round(seconds)} s${exit === ExitCode.ok ? '' : ` (exit code ${exit})`}: ${parts.join(', ')}`;
}

function namesOf(
  all: readonly (readonly [string, RecapEvent['hosts'][string]])[],
  what: 'failed' | 'unreachable',
): string[] {
  return all.filter(([, counts]) => counts[what] > 0).map(([host]) => host);
}

/** As many names as are read in a chat. */
function listed(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
}

/** Without the address: it lets whoever has it write there. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'the webhook was not reached';
  if (thrown.name === 'TimeoutError') return `the webhook did not answer within ${mostWait / 1000} s`;
  const code = thrown.cause instanceof Error && 'code' in thrown.cause ? ` (${String(thrown.cause.code)})` : '';
  return thrown instanceof TypeError ? `the webhook was not reached${code}` : thrown.message;
}
