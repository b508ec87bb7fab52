'use strict';
// The search: all of it is in the page's folder, so that it works from a disk, too.
const input = document.querySelector('input[type=search]');
const list = document.querySelector('#found');
const up = document.body.dataset.up;
const options = { fields: ['heading', 'page', 'text'], storeFields: ['heading', 'page', 'url'] };
let index;

function search() {
  index ??= MiniSearch.loadJS(window.searchIndex, options);
  const words = input.value.trim();
  const found =
    words === '' ? [] : index.search(words, { prefix: true, fuzzy: 0.2, combineWith: 'AND', boost: { heading: 4, page: 2 } });
  list.hidden = words === '';
  list.replaceChildren(
    ...(found.length === 0 ? [entry(undefined)] : found.slice(0, 20).map(entry)),
  );
}

function entry(one) {
  const item = document.createElement('li');
  if (one === undefined) {
    item.textContent = 'Nothing found';
    return item;
  }
  const link = document.createElement('a');
  link.href = up + one.url;
  link.textContent = one.heading;
  const page = document.createElement('small');
  page.textContent = one.page;
  item.append(link, ' ', page);
  return item;
}

input.addEventListener('input', search);
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || document.activeElement === input) return;
  event.preventDefault();
  input.focus();
});
