import { html, type Html, type Part } from './html.ts';
import { nameOf, wordOf, type Cell, type Outcome, type PlayRows, type Row, type RunModel } from './run-model.ts';

/** One letter each: thousands of cells have them. */
const classes: Readonly<Record<Outcome, string>> = {
  ok: 'o',
  changed: 'c',
  may: 'm',
  failed: 'f',
  unreachable: 'u',
  ignored: 'i',
  rescued: 'i',
  held: 'l',
  gone: 'l',
  skipped: 's',
};

/** In wider grids hosts that are right have no column: a page of a thousand of them could not be read. */
const mostColumns = 150;

/** Hosts by tasks, as a table: tasks down, hosts across. A cell of which more is to be said leads there. */
export function gridView(whole: RunModel): Html {
  const model = { ...whole, hosts: columnsOf(whole) };
  const { hosts, plays, about } = model;
  const left = whole.hosts.length - hosts.length;
  if (plays.length === 0)
    return html`<p class="quiet">${about.source === 'record' ? 'Nothing changed and nothing failed.' : 'No task has finished.'}</p>`;
  const head = hosts.map(({ name }) => html`<th scope="col"><span title="${name}">${name}</span></th>`);
  return html`<div class="scroll" id="grid" tabindex="0" role="region" aria-label="Tasks by host">
<table class="grid"><caption class="vh">What each task came to on each host</caption>
<thead><tr><th scope="col"><span class="corner">task</span></th>${head}</tr></thead>
${plays.map((play) => playBody(play, model))}</table></div>
<p class="key" aria-hidden="true">${key(model)}</p>${
    left > 0 && html`<p class="quiet">${left} hosts on which all was right have no column.</p>`
  }`;
}

function columnsOf({ hosts, plays }: RunModel): RunModel['hosts'] {
  if (hosts.length <= mostColumns) return hosts;
  const news = new Set<string>();
  for (const { rows } of plays)
    for (const { cells } of rows)
      for (const [host, { outcome }] of cells) if (outcome !== 'ok' && outcome !== 'skipped') news.add(host);
  return hosts.filter(({ name }) => news.has(name));
}

function playBody({ name, rows }: PlayRows, model: RunModel): Html {
  return html`<tbody>${
    name !== '' &&
    html`<tr class="play"><th scope="rowgroup" colspan="${model.hosts.length + 1}"><span>${name}</span></th></tr>`
  }
${rows.map((row) => rowView(row, model))}</tbody>
`;
}

function rowView(row: Row, { hosts, about }: RunModel): Html {
  const cells = hosts.map(({ name }) => cellView(row.cells.get(name), about.check));
  const tags: Part = row.tags.length > 0 && html` data-tags="${row.tags.join(' ')}"`;
  return html`<tr${tags}><th scope="row"><span title="${row.resource}">${nameOf(row)}</span></th>${cells}</tr>
`;
}

function cellView(cell: Cell | undefined, isCheck: boolean): Html {
  if (cell === undefined) return html`<td></td>`;
  const word = wordOf(cell.outcome, isCheck);
  const name = classes[cell.outcome];
  if (cell.told === undefined) return html`<td class="${name}"><i>${word}</i></td>`;
  return html`<td><a class="${name}" href="#d${cell.told}"><i>${word}</i></a></td>`;
}

/** What the marks stand for: only those that are there. */
function key({ plays, about }: RunModel): Part {
  const there = new Set(
    plays.flatMap(({ rows }) => rows.flatMap(({ cells }) => [...cells.values()].map((cell) => cell.outcome))),
  );
  const words = new Map<string, string>();
  for (const outcome of there)
    words.set(
      classes[outcome],
      [words.get(classes[outcome]), wordOf(outcome, about.check)].filter(Boolean).join(' / '),
    );
  return [...words].map(([name, word]) => html`<span class="${name}"><i></i> ${word}</span> `);
}
