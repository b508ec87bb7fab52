import { html, type Html, type Part } from './html.ts';
import { nameOf, type RunModel } from './run-model.ts';

const mostTasks = 15;
const mostHosts = 20;

interface Bar {
  readonly name: string;
  /** Seconds. */
  readonly value: number;
  /** Where most of it lies: the median of the hosts. */
  readonly middle?: number;
  readonly note: string;
}

/** Where the time went, by task and by host: tables with a bar in each row, drawn as SVG. */
export function timingView(model: RunModel): Part {
  const tasks = slowestTasks(model);
  const hosts = model.hosts
    .filter(({ seconds }) => seconds > 0)
    .map(({ name, seconds }): Bar => ({ name, value: seconds, note: '' }))
    .toSorted((a, b) => b.value - a.value);
  if (tasks.length === 0) return undefined;
  return html`<section aria-labelledby="time"><h2 id="time">Where the time went</h2><div class="charts">
${chart('Slowest tasks', 'on the slowest host; the mark is the median of its hosts', tasks.slice(0, mostTasks), tasks.length)}
${chart('Hosts', 'all tasks of a host', hosts.slice(0, mostHosts), hosts.length)}
</div></section>
`;
}

function slowestTasks({ plays }: RunModel): Bar[] {
  return plays
    .flatMap(({ rows }) => rows)
    .flatMap((row): Bar[] => {
      const times = [...row.cells.values()].map(({ seconds }) => seconds).toSorted((a, b) => a - b);
      const value = times.at(-1) ?? 0;
      if (value <= 0) return [];
      const note = times.length > 1 ? `${times.length} hosts` : ([...row.cells.keys()][0] ?? '');
      return [{ name: nameOf(row), value, middle: times[Math.floor(times.length / 2)] ?? 0, note }];
    })
    .toSorted((a, b) => b.value - a.value);
}

function chart(title: string, meaning: string, bars: readonly Bar[], all: number): Html {
  const most = Math.max(...bars.map(({ value }) => value));
  return html`<table class="chart"><caption>${title} <span class="quiet">${meaning}${all > bars.length && `; ${bars.length} of ${all}`}</span></caption>
<colgroup><col class="name"><col><col class="value"></colgroup><thead class="vh"><tr><th scope="col">name</th><th scope="col">bar</th><th scope="col">seconds</th></tr></thead>
<tbody>${bars.map((bar) => barRow(bar, most))}</tbody></table>`;
}

/** The bar is an SVG of 1000 by 10 that is stretched to the width there is. */
function barRow({ name, value, middle, note }: Bar, most: number): Html {
  const x = (seconds: number): string => ((seconds / most) * 1000).toFixed(1);
  return html`<tr><th scope="row">${name}${note !== '' && html` <span class="quiet">${note}</span>`}</th>
<td><svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" width="${x(value)}" height="10" rx="2"/>${
    middle !== undefined && html`<rect class="middle" x="${x(middle)}" width="3" height="10"/>`
  }</svg></td><td>${secondsText(value)}</td></tr>
`;
}

/** @example secondsText(0.034)  // '34 ms' */
export function secondsText(seconds: number): string {
  if (seconds < 1) return `${(seconds * 1000).toFixed(0)} ms`;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
