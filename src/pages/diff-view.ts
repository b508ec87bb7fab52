import { diffRows, markDifference, type DiffLine, type DiffRow, type Marked } from './diff-rows.ts';
import { html, type Html, type Part } from './html.ts';

/** Longer diffs are cut: a page is for reading, and the record has all of it. */
const mostRows = 1000;

/** A diff of a file, side by side; where one side has nothing, that of the other alone. */
export function diffView(path: string, unified: string): Html {
  const rows = diffRows(unified);
  const caption = html`<figcaption><code>${path}</code></figcaption>`;
  if (typeof rows === 'string')
    return html`<figure class="diff">${caption}<p class="quiet">${rows.trim() || 'no difference'}</p></figure>`;
  const shown = rows.slice(0, mostRows);
  const rest =
    rows.length > shown.length &&
    html`<p class="quiet">${rows.length - shown.length} more lines are not shown here.</p>`;
  const isNew = shown.every((row) => row.kind === 'hunk' || row.old === undefined);
  const isGone = shown.every((row) => row.kind === 'hunk' || row.wanted === undefined);
  if (isNew || isGone)
    return html`<figure class="diff">${caption}<div class="scroll" tabindex="0" role="region" aria-label="${isNew ? 'new' : 'removed'} file ${path}">
<pre class="${isNew ? 'new' : 'old'}">${shown.map((row) => oneSided(row, isNew))}</pre></div>${rest}</figure>`;
  return html`<figure class="diff">${caption}<div class="scroll" tabindex="0" role="region" aria-label="diff of ${path}">
<table class="sides"><colgroup><col class="n"><col><col class="n"><col></colgroup><thead class="vh"><tr><th scope="col">line</th><th scope="col">before</th><th scope="col">line</th><th scope="col">after</th></tr></thead>
<tbody>${shown.map(twoSided)}</tbody></table></div>${rest}</figure>`;
}

function oneSided(row: DiffRow, isNew: boolean): Part {
  if (row.kind === 'hunk') return row.text.startsWith('@@') ? '' : html`<i>${row.text}</i>\n`;
  return html`${(isNew ? row.wanted : row.old)?.text}\n`;
}

function twoSided(row: DiffRow): Html {
  if (row.kind === 'hunk') return html`<tr class="h"><td colspan="4">${row.text}</td></tr>\n`;
  const { kind, old, wanted } = row;
  if (kind === 'same')
    return html`<tr class="s"><td>${old?.number}</td><td>${old?.text}</td><td>${wanted?.number}</td><td>${wanted?.text}</td></tr>\n`;
  const marked = old && wanted && markDifference(old.text, wanted.text);
  return html`<tr>${side(old, 'del', marked?.old)}${side(wanted, 'ins', marked?.wanted)}</tr>\n`;
}

function side(line: DiffLine | undefined, tag: 'del' | 'ins', marked: Marked | undefined): Html {
  if (line === undefined) return html`<td class="none"></td><td class="none"></td>`;
  const text = marked ? html`${marked[0]}${marked[1] === '' ? '' : html`<b>${marked[1]}</b>`}${marked[2]}` : line.text;
  return tag === 'del'
    ? html`<td class="del">${line.number}</td><td class="del"><del>${text}</del></td>`
    : html`<td class="ins">${line.number}</td><td class="ins"><ins>${text}</ins></td>`;
}
