import type { TaskFailure } from '../engine/index.ts';
import { shortPlace } from '../report/index.ts';
import { diffView } from './diff-view.ts';
import { html, type Html, type Part } from './html.ts';
import { isChange, isFailure, nameOf, wordOf, type Change, type RunModel, type Told } from './run-model.ts';

/** More names than these are behind a count. */
const mostHosts = 12;

/** What is said of the cells: failures first, then what changes, then what else is worth a word. */
export function toldViews(model: RunModel): Html {
  const numbered = model.told.map((told, number) => ({ told, number }));
  const inOrder = orderOf(model);
  const sorted = numbered.toSorted((a, b) => (inOrder.get(a.told.row) ?? 0) - (inOrder.get(b.told.row) ?? 0));
  const of = (is: (told: Told) => boolean): typeof sorted => sorted.filter(({ told }) => is(told));
  const failures = of(({ outcome }) => isFailure(outcome));
  const changes = of(({ outcome }) => isChange(outcome));
  const others = of(({ outcome }) => !isFailure(outcome) && !isChange(outcome));
  const section = (id: string, title: string, list: typeof sorted, isOpen: boolean): Part =>
    list.length > 0 &&
    html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${list.map(({ told, number }) => toldView(told, number, model, isOpen))}</section>
`;
  return html`${section('failures', 'Failures', failures, true)}${section('changes', model.about.check ? 'What would change' : 'Changes', changes, changes.length <= 3)}${section('others', 'Also worth a word', others, false)}`;
}

function orderOf({ plays }: RunModel): ReadonlyMap<Told['row'], number> {
  const order = new Map<Told['row'], number>();
  for (const { rows } of plays) for (const row of rows) order.set(row, order.size);
  return order;
}

function toldView(told: Told, number: number, { about, hosts }: RunModel, isOpen: boolean): Html {
  const { row, outcome, changes, message, may, assumed, error, isHidden } = told;
  const word = wordOf(outcome, about.check);
  const count =
    told.hosts.length === 1
      ? told.hosts[0]
      : told.hosts.length === hosts.length
        ? `all ${hosts.length} hosts`
        : `${told.hosts.length} hosts`;
  // The target is inside: who follows a link to it has it opened by the browser.
  return html`<details class="told" data-is="${outcome}" data-tags="${row.tags.join(' ')}"${isOpen && html` open`}>
<summary><span class="badge ${outcome}">${word}</span> <span class="what">${nameOf(row)}</span> <span class="where">${count}</span></summary>
<div id="d${number}" class="body" tabindex="-1">
${hostList(told.hosts)}
${may !== null && html`<p><strong>may change:</strong> ${may}</p>`}
${assumed.map((reason) => html`<p class="quiet">assumed: ${reason}</p>`)}
${message !== null && html`<pre>${message}</pre>`}
${isHidden && html`<p class="quiet">hidden: noLog</p>`}
${error && failureView(error)}
${changeList(changes)}
</div></details>
`;
}

function hostList(hosts: readonly string[]): Html {
  const names = (some: readonly string[]): Part =>
    some.map((host, i) => html`${i > 0 && ', '}<code class="host">${host}</code>`);
  if (hosts.length <= mostHosts) return html`<p class="hosts">on ${names(hosts)}</p>`;
  return html`<p class="hosts">on ${names(hosts.slice(0, mostHosts))} and ${hosts.length - mostHosts} more</p>
<details class="hosts"><summary>all ${hosts.length}</summary><p>${names(hosts)}</p></details>`;
}

function changeList(changes: readonly Change[]): Part {
  const plain = changes.filter(({ diff }) => diff === undefined);
  return [
    plain.length > 0 && html`<ul class="changes">${plain.map((change) => html`<li>${changeText(change)}</li>`)}</ul>`,
    ...changes.map(({ path, diff }) => path !== undefined && diff !== undefined && diffView(path, diff)),
  ];
}

/** @example changeText({ what: 'mode', from: '0600', to: '0644' })  // mode 0600 -> 0644 */
function changeText({ what, from, to, path }: Change): Html {
  return html`${what}${path !== undefined && html` of <code>${path}</code>`}${from !== undefined && html` <del>${from}</del>`}${to !== undefined && html` &rarr; <ins>${to}</ins>`}`;
}

function failureView({ what, hint, code, stdout, stderr, at }: TaskFailure): Html {
  return html`<p class="error">${what}</p>
${hint !== null && html`<p>${hint}</p>`}
${at !== null && html`<p class="quiet">at <code>${shortPlace(at)}</code>${code !== null && `, exit code ${code}`}</p>`}
${stderr.trim() !== '' && html`<h4>stderr</h4><pre>${stderr.trimEnd()}</pre>`}
${stdout.trim() !== '' && html`<h4>stdout</h4><pre>${stdout.trimEnd()}</pre>`}`;
}
