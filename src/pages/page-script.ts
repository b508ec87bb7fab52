/**
 * What a page does besides being read: filtering, a cell's outcome in a dialog, arrow keys in the grid, and following a run
 * that goes on. Without it all of a page is there, and links lead from cells to what is said of them.
 *
 * It runs in browsers of the last five years, as text in a page: no build step, nothing of ours to import.
 */
export const pageScript = `
(() => {
'use strict';
const $ = (query, from = document) => from.querySelector(query);
const all = (query, from = document) => [...from.querySelectorAll(query)];
const main = $('#main');

function setUp() {
  const filters = $('.filters');
  if (!filters) return;
  filters.hidden = false;
  const rows = all('.grid tbody tr:not(.play)').map((row) => ({
    row,
    name: row.cells[0].textContent.toLowerCase(),
    tags: (row.dataset.tags || '').split(' '),
    words: [...row.cells].slice(1).map((cell) => cell.textContent),
  }));
  const heads = all('.grid thead th').slice(1);
  const hosts = heads.map((head) => head.textContent.toLowerCase());
  const told = all('.told').map((one) => ({
    one,
    name: $('.what', one).textContent.toLowerCase(),
    word: $('.badge', one).textContent,
    tags: (one.dataset.tags || '').split(' '),
    hosts: all('.host', one).map((host) => host.textContent.toLowerCase()),
  }));
  const apply = () => {
    const data = new FormData(filters);
    const host = String(data.get('host') || '').trim().toLowerCase();
    const task = String(data.get('task') || '').trim().toLowerCase();
    const tag = String(data.get('tag') || '');
    const is = new Set(data.getAll('is'));
    const fits = (name, tags) => name.includes(task) && (tag === '' || tags.includes(tag));
    const counts = (word) => word !== '' && (is.size === 0 || is.has(word));
    const some = hosts.map((name) => name.includes(host));
    const isFree = host === '' && is.size === 0;
    const used = hosts.map(() => false);
    let shown = 0;
    for (const { row, name, tags, words } of rows) {
      const fit = fits(name, tags) && (isFree || words.some((word, i) => some[i] && counts(word)));
      row.hidden = !fit;
      if (!fit) continue;
      shown++;
      words.forEach((word, i) => { if (some[i] && (isFree || counts(word))) used[i] = true; });
    }
    if (isFree && task === '' && tag === '') used.fill(true);
    heads.forEach((head, i) => { head.hidden = !used[i]; });
    for (const { row } of rows)
      if (!row.hidden) used.forEach((isUsed, i) => { row.cells[i + 1].hidden = !isUsed; });
    for (const body of all('.grid tbody'))
      body.hidden = all('tr:not(.play)', body).every((row) => row.hidden);
    for (const { one, name, word, tags, hosts: on } of told)
      one.hidden = !(fits(name, tags) && counts(word) && on.some((each) => each.includes(host)));
    $('output', filters).textContent =
      shown + ' of ' + rows.length + ' tasks, ' + used.filter(Boolean).length + ' of ' + hosts.length + ' hosts';
  };
  filters.addEventListener('input', apply);
  filters.addEventListener('submit', (event) => event.preventDefault());
  filters.addEventListener('reset', () => setTimeout(apply));
  if (kept) {
    for (const [name, value] of kept)
      for (const field of all('[name="' + name + '"]', filters))
        if (field.type === 'checkbox') field.checked = field.checked || field.value === value;
        else field.value = value;
  }
  apply();
}
let kept;

// A cell's outcome over the grid; closing it leads back to the cell.
main.addEventListener('click', (event) => {
  const link = event.target.closest('.grid td a');
  const dialog = $('#cell');
  if (!link || !dialog || !dialog.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const body = document.getElementById(link.hash.slice(1));
  if (!body) return;
  event.preventDefault();
  const cell = link.parentElement;
  const host = $('.grid thead').rows[0].cells[cell.cellIndex].textContent;
  $('h2', dialog).textContent = cell.textContent + ': ' + cell.parentElement.cells[0].textContent + ' on ' + host;
  const copy = body.cloneNode(true);
  copy.removeAttribute('id');
  $('div', dialog).replaceChildren(copy);
  dialog.showModal();
});
main.addEventListener('click', (event) => {
  if (event.target.id === 'cell') event.target.close();
});

// Arrow keys go to the next cell that has more to say.
main.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  const cell = event.target.closest('.grid td');
  if (!step || !cell) return;
  const rows = all('.grid tbody tr:not([hidden]):not(.play)');
  let y = rows.indexOf(cell.parentElement);
  let x = cell.cellIndex;
  for (;;) {
    y += step[0];
    x += step[1];
    const next = rows[y] && rows[y].cells[x];
    if (!next || x === 0) return;
    const link = $('a', next);
    if (link && !next.hidden) {
      event.preventDefault();
      link.focus();
      link.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      return;
    }
  }
});

// A run that goes on: what is new is fetched once the server says that there is something.
function follow(live) {
  const source = new EventSource(live.dataset.events);
  let isBusy = false;
  let isDue = false;
  const renew = async () => {
    if (isBusy) { isDue = true; return; }
    isBusy = true;
    try {
      const answer = await fetch(live.dataset.part);
      if (answer.ok) {
        const open = new Set(all('.told[open] .body').map((body) => body.id));
        const grid = $('#grid');
        const place = grid && [grid.scrollLeft, grid.scrollTop];
        const filters = $('.filters');
        const dialog = $('#cell');
        kept = filters && [...new FormData(filters)];
        const name = document.activeElement && document.activeElement.name;
        if (!dialog || !dialog.open) {
          live.innerHTML = await answer.text();
          for (const id of open) { const body = document.getElementById(id); if (body) body.parentElement.open = true; }
          if (place && $('#grid')) $('#grid').scrollTo(place[0], place[1]);
          setUp();
          const field = name && $('.filters [name="' + name + '"]');
          if (field) field.focus();
        }
      }
    } finally {
      isBusy = false;
      if (isDue) { isDue = false; renew(); }
    }
  };
  source.addEventListener('changed', renew);
  source.addEventListener('over', () => { source.close(); renew(); });
}

setUp();
const live = $('[data-events]');
if (live && window.EventSource) follow(live);
})();
`;
