import { localTime } from '../report/index.ts';
import { gridView } from './grid-view.ts';
import { html, type Html, type Part } from './html.ts';
import { countOf, isChange, isFailure, wordOf, type RunModel } from './run-model.ts';
import { secondsText, timingView } from './timing-view.ts';
import { toldViews } from './told-view.ts';
import { hostsWith, verdict } from './verdict.ts';

/** What a run's page has in its body: the same in a file, in `play ui`, and while the run goes on. */
export function runBody(model: RunModel): Html {
  return html`${header(model)}
${tiles(model)}
${filters(model)}
<section aria-labelledby="tasks"><h2 id="tasks">Tasks by host</h2>
${model.about.source === 'record' && model.exit === undefined && html`<p class="quiet">What was right is on record once the run has ended.</p>`}
${gridView(model)}</section>
${notices(model)}${toldViews(model)}${timingView(model)}${recap(model)}
<dialog id="cell" aria-labelledby="cell-title"><form method="dialog"><h2 id="cell-title"></h2><button>Close</button></form><div></div></dialog>`;
}

function header(model: RunModel): Html {
  const { about } = model;
  const kind = about.source === 'plan' ? 'Plan' : about.check ? 'Check run' : 'Run';
  return html`<header class="run"><p class="kind">${kind}</p><h1>${about.title}</h1>
<p class="verdict ${verdictClass(model)}">${verdict(model)}</p>
<p class="about"><code>${about.command}</code></p>
<p class="about">${about.by !== '' && html`by ${about.by}, `}<time datetime="${about.started}">${localTime(about.started)}</time>${
    model.seconds !== undefined && `, took ${secondsText(model.seconds)}`
  }${about.commit !== undefined && html`, commit <code>${about.commit.slice(0, 12)}</code>`}${
    about.id !== undefined && html`, run <code>${about.id}</code>`
  }</p></header>`;
}

function verdictClass(model: RunModel): string {
  if (hostsWith(model, isFailure) > 0) return 'bad';
  return hostsWith(model, isChange) > 0 ? 'news' : 'good';
}

function tiles(model: RunModel): Html {
  const { check } = model.about;
  const counts: readonly (readonly [string, number, string])[] = [
    [model.hosts.length === 1 ? 'host' : 'hosts', model.hosts.length, ''],
    ...(['failed', 'unreachable', 'changed', 'may', 'held', 'skipped'] as const).map(
      (outcome) => [wordOf(outcome, check), countOf(model, (one) => one === outcome), outcome] as const,
    ),
  ];
  return html`<dl class="tiles">${counts.map(
    ([word, count, name], i) =>
      (i === 0 || count > 0) && html`<div class="${name}"><dt>${word}</dt><dd>${count}</dd></div>`,
  )}</dl>`;
}

function notices({ notices }: RunModel): Part {
  return (
    notices.length > 0 &&
    html`<section aria-labelledby="notes"><h2 id="notes">Notes</h2><ul>${notices.map(
      ({ host, text }) => html`<li>${host !== null && html`<code>${host}</code> `}${text}</li>`,
    )}</ul></section>`
  );
}

/** Hidden without a script, which does the filtering. */
function filters({ plays, about }: RunModel): Html {
  const tags = [...new Set(plays.flatMap(({ rows }) => rows.flatMap((row) => row.tags)))].sort();
  const there = new Set(
    plays.flatMap(({ rows }) => rows.flatMap(({ cells }) => [...cells.values()].map(({ outcome }) => outcome))),
  );
  const outcomes = (
    ['failed', 'unreachable', 'changed', 'may', 'ignored', 'rescued', 'held', 'gone', 'skipped', 'ok'] as const
  ).filter((one) => there.has(one));
  return html`<form class="filters" role="search" aria-label="Filter" hidden>
<label>host <input name="host" type="search" autocomplete="off" spellcheck="false"></label>
<label>task <input name="task" type="search" autocomplete="off" spellcheck="false"></label>
${tags.length > 0 && html`<label>tag <select name="tag"><option value="">any</option>${tags.map((tag) => html`<option>${tag}</option>`)}</select></label>`}
<fieldset><legend>came to</legend>${outcomes.map(
    (one) =>
      html`<label class="chip"><input type="checkbox" name="is" value="${wordOf(one, about.check)}"> ${wordOf(one, about.check)}</label>`,
  )}</fieldset>
<button type="reset">all</button> <output aria-live="polite"></output></form>`;
}

const columns = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'] as const;

function recap({ hosts }: RunModel): Part {
  if (hosts.every(({ counts }) => counts === undefined)) return undefined;
  return html`<section aria-labelledby="recap"><h2 id="recap">Recap</h2><div class="scroll" tabindex="0" role="region" aria-labelledby="recap">
<table class="recap"><thead><tr><th scope="col">host</th>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${hosts.map(
    ({ name, counts }) =>
      html`<tr><th scope="row">${name}</th>${columns.map((column) => html`<td${!counts?.[column] && html` class="zero"`}>${counts?.[column] ?? ''}</td>`)}</tr>\n`,
  )}</tbody></table></div></section>`;
}
