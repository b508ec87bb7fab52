import { html, type Html, type Part } from '../html.ts';
import { nameOf, wordOf, type RunModel, type Told } from '../run-model.ts';

interface Came {
  readonly word: string;
  /** What it was about, to tell two changes apart. */
  readonly what: string;
  readonly number: number | undefined;
}

interface Difference {
  readonly name: string;
  readonly hosts: string[];
  readonly before: Came | undefined;
  readonly after: Came | undefined;
}

/** What came otherwise in one run than in another: a row for each task, with the hosts it is the same on. */
function differencesOf(before: RunModel, after: RunModel): readonly Difference[] {
  const [was, is] = [outcomesOf(before), outcomesOf(after)];
  const found = new Map<string, Difference>();
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [a, b] = [was.get(key), is.get(key)];
    if (a?.came.word === b?.came.word && a?.came.what === b?.came.what) continue;
    const { name, host } = a ?? b ?? { name: '', host: '' };
    const group = JSON.stringify([name, a?.came, b?.came]);
    const known = found.get(group) ?? { name, hosts: [], before: a?.came, after: b?.came };
    known.hosts.push(host);
    found.set(group, known);
  }
  return [...found.values()];
}

function outcomesOf({ plays, told, about }: RunModel): ReadonlyMap<string, { name: string; host: string; came: Came }> {
  const all = new Map<string, { name: string; host: string; came: Came }>();
  for (const { name: play, rows } of plays) {
    const seen = new Map<string, number>();
    for (const row of rows) {
      const name = nameOf(row);
      const nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      for (const [host, cell] of row.cells) {
        const one = cell.told === undefined ? undefined : told[cell.told];
        const came = { word: wordOf(cell.outcome, about.check), what: whatOf(one), number: cell.told };
        all.set(JSON.stringify([play, name, nth, host]), { name, host, came });
      }
    }
  }
  return all;
}

function whatOf(told: Told | undefined): string {
  return told === undefined ? '' : JSON.stringify([told.changes, told.error?.what ?? null, told.may]);
}

/** @param addresses of the two runs */
export function compareView(before: RunModel, after: RunModel, addresses: readonly [string, string]): Html {
  const differences = differencesOf(before, after);
  return html`<header class="run"><p class="kind">Two runs</p><h1>${before.about.title} &rarr; ${after.about.title}</h1>
<p class="about">A: <a href="${addresses[0]}"><code>${before.about.id}</code></a> <code>${before.about.command}</code></p>
<p class="about">B: <a href="${addresses[1]}"><code>${after.about.id}</code></a> <code>${after.about.command}</code></p></header>
<h2>What came otherwise</h2>
<p class="quiet">A dash is a task that was not run, or that the record does not know: what was right is on record once a run has ended.</p>
${
  differences.length === 0
    ? html`<p>Nothing: both came to the same.</p>`
    : html`<div class="scroll"><table class="list"><thead><tr><th scope="col">task</th><th scope="col">hosts</th><th scope="col">A</th><th scope="col">B</th></tr></thead>
<tbody>${differences.map(
        ({ name, hosts, before: a, after: b }) =>
          html`<tr><th scope="row"><code>${name}</code></th><td>${hosts.join(', ')}</td><td>${came(a, addresses[0])}</td><td>${came(b, addresses[1])}${a && b && a.word === b.word && html` <span class="quiet">otherwise</span>`}</td></tr>\n`,
      )}</tbody></table></div>`
}`;
}

function came(one: Came | undefined, address: string): Part {
  if (one === undefined) return '–';
  return one.number === undefined ? one.word : html`<a href="${address}#d${one.number}">${one.word}</a>`;
}
