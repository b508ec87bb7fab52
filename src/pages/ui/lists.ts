import { localTime } from '../../report/index.ts';
import { html, type Html, type Part } from '../html.ts';
import { modelOfRecord } from '../report.ts';
import { countOf, isChange, isFailure } from '../run-model.ts';
import type { KnownPlan, KnownStanding, ShortRun, UiDesk } from './desk.ts';

/** Runs on a page. */
const most = 50;

interface ListedRun extends ShortRun {
  readonly id: string;
}

/** The runs that a text is found in, from one on backwards. @param before the id that they come before */
function chosenRuns(
  desk: UiDesk,
  { text, before }: { text: string; before: string },
): { readonly runs: readonly ListedRun[]; readonly more: string | undefined } {
  const runs: ListedRun[] = [];
  const wanted = text.toLowerCase();
  for (const id of desk.runIds()) {
    if (before !== '' && id >= before) continue;
    if (runs.length === most) return { runs, more: runs.at(-1)?.id };
    const run = desk.runInShort(id);
    if (run && [run.command, run.by, ...run.hosts].some((one) => one.toLowerCase().includes(wanted)))
      runs.push({ ...run, id });
  }
  return { runs, more: undefined };
}

export function runsPage(desk: UiDesk, query: URLSearchParams): Html {
  const text = query.get('text') ?? '';
  const { runs, more } = chosenRuns(desk, { text, before: query.get('before') ?? '' });
  return html`<h1>Runs</h1>
<form class="find" role="search"><label>host, playbook or person <input type="search" name="text" value="${text}"></label> <button>find</button></form>
${
  runs.length === 0
    ? html`<p class="quiet">${text === '' ? 'No run is on record yet.' : `No run has "${text}" in it.`}</p>`
    : html`<form action="compare"><div class="scroll"><table class="list"><thead><tr><th scope="col">compare</th><th scope="col">when</th><th scope="col">run</th><th scope="col">by</th><th scope="col">hosts</th><th scope="col">came to</th></tr></thead>
<tbody>${runs.map((run) => runRow(run, desk))}</tbody></table></div>
<p><button>compare the two that are ticked</button>${more !== undefined && html` <a href="?${new URLSearchParams({ text, before: more }).toString()}">older runs</a>`}</p></form>`
}`;
}

function runRow(run: ListedRun, desk: UiDesk): Html {
  return html`<tr><td><input type="checkbox" name="run" value="${run.id}" aria-label="compare ${run.id}"></td>
<td><time datetime="${run.started}">${localTime(run.started)}</time></td>
<th scope="row"><a href="run/${run.id}"><code>${run.command}</code></a></th><td>${run.by}</td><td>${run.hosts.length} ${run.hosts.length === 1 ? 'host' : 'hosts'}</td><td>${cameTo(run, desk)}</td></tr>
`;
}

function cameTo(run: ListedRun, desk: UiDesk): Part {
  if (run.exit === undefined)
    return run.isAlive
      ? html`<span class="badge changed">goes on</span>`
      : html`<span class="badge failed">killed</span>`;
  const model = modelOfRecord(desk.entries(run.id));
  const [failed, changed] = model === undefined ? [0, 0] : [countOf(model, isFailure), countOf(model, isChange)];
  return [
    run.check && html`<span class="badge">check</span> `,
    failed > 0 && html`<span class="badge failed">${failed} failed</span> `,
    changed > 0 && html`<span class="badge changed">${changed} ${run.check ? 'would change' : 'changed'}</span> `,
    failed + changed === 0 && run.exit === 0 && html`<span class="good">nothing to report</span> `,
    run.exit !== 0 && html`<span class="quiet">exit ${run.exit}</span>`,
  ];
}

export function plansPage(plans: readonly KnownPlan[]): Html {
  return html`<h1>Plans</h1>
${
  plans.length === 0
    ? html`<p class="quiet">None in the project's folder, its <code>plans/</code>, or among the arguments of <code>play ui</code>. One is made by <code>play PLAYBOOK -C --out plan.json</code>.</p>`
    : html`<div class="scroll"><table class="list"><thead><tr><th scope="col">file</th><th scope="col">playbook</th><th scope="col">made</th><th scope="col" class="number">hosts</th></tr></thead>
<tbody>${plans.map(
        ({ file, playbook, made, hosts }, number) =>
          html`<tr><th scope="row"><a href="plan/${number}"><code>${file}</code></a></th><td>${playbook}</td><td>${localTime(made)}</td><td class="number">${hosts}</td></tr>\n`,
      )}</tbody></table></div>`
}`;
}

/** From what needs somebody to what does not. */
const order = ['failed', 'unreachable', 'differs', 'held', 'gone', 'same'];
const badges: Readonly<Record<string, string>> = {
  failed: 'failed',
  unreachable: 'unreachable',
  differs: 'changed',
  held: 'held',
};

export function driftPage(standings: readonly KnownStanding[]): Html {
  const sorted = standings.toSorted(
    (a, b) => order.indexOf(a.status) - order.indexOf(b.status) || (a.host < b.host ? -1 : 1),
  );
  return html`<h1>Drift</h1><p class="quiet">As the last <code>play drift</code> found it.</p>
${
  sorted.length === 0
    ? html`<p>It was not run in this project yet.</p>`
    : html`<div class="scroll"><table class="list"><thead><tr><th scope="col">host</th><th scope="col">playbook</th><th scope="col">is</th><th scope="col">since</th><th scope="col">tasks</th><th scope="col">looked at</th></tr></thead>
<tbody>${sorted.map(standingRow)}</tbody></table></div>`
}`;
}

function standingRow({ host, playbook, status, since, tasks, unknown, reason, checked }: KnownStanding): Html {
  return html`<tr><th scope="row"><code>${host}</code></th><td>${playbook}</td><td><span class="badge ${badges[status] ?? ''}">${status}</span></td><td>${since !== null && localTime(since)}</td>
<td>${reason}${tasks.map(({ role, task, since: from }) => html`<div><code>${role !== null && `${role} : `}${task}</code> <span class="quiet">since ${localTime(from)}</span></div>`)}${unknown > 0 && html`<div class="quiet">of ${unknown} it is not known</div>`}</td><td>${localTime(checked)}</td></tr>
`;
}

/** What is known here of holds: what runs, `play hold` and `play drift` on this machine met. */
export function holdsPage(desk: UiDesk): Html {
  const held = desk.standings().filter(({ status }) => status === 'held');
  const met = desk
    .runIds()
    .slice(0, 300)
    .flatMap((id) => {
      const entries = desk.entries(id);
      const isHold = entries.some(({ event, kind }) => event === 'start' && kind === 'hold');
      return entries.flatMap((entry) => {
        const { event, host, text, status, held: by, task } = entry;
        if (typeof host !== 'string') return [];
        if (event === 'held' || (isHold && event === 'notice')) return [{ id, host, text: String(text) }];
        if (status === 'held') return [{ id, host, text: `${String(task)}: ${String(by)}` }];
        return [];
      });
    });
  return html`<h1>Holds</h1><p class="quiet">What runs, <code>play hold</code> and <code>play drift</code> on this machine met. <code>play status</code> asks the hosts themselves.</p>
${held.length > 0 && html`<h2>By the last drift</h2><ul>${held.map(({ host, playbook, reason, checked }) => html`<li><code>${host}</code> ${reason} <span class="quiet">${playbook}, ${localTime(checked)}</span></li>`)}</ul>`}
<h2>On record</h2>${
    met.length === 0
      ? html`<p class="quiet">Nothing held was met.</p>`
      : html`<ul>${met.slice(0, 200).map(({ id, host, text }) => html`<li><code>${host}</code> ${text} <a href="run/${id}">${id}</a></li>`)}</ul>`
  }`;
}
