// The search of the static help pages. The served pages search without a script. search-index.js has the sections
// (SECTIONS), the words (VOCABULARY) and the functions that the service uses (rankedRows, excerpt).
const MAX_FOUND = 30;
const input = document.querySelector('input[name=find]');
const list = document.querySelector('.help-found');
const text = document.querySelector('.help-text');
const { root } = document.body.dataset;

function find() {
  const query = input.value.trim();
  const found = query === '' ? [] : rankedRows(SECTIONS, query, VOCABULARY).slice(0, MAX_FOUND);
  text.hidden = query !== '';
  list.hidden = query === '';
  list.replaceChildren(...found.map((row) => item(row, query)));
  if (query !== '' && found.length === 0) list.textContent = `Nothing found for “${query}”`;
}

function item(row, query) {
  const [entry, link, small, shown] = ['li', 'a', 'small', 'p'].map((name) => document.createElement(name));
  const [slug, anchor = ''] = row.address.split('#');
  link.href = `${root}/${slug}.html#${anchor}`;
  // A result on this page changes only the anchor, so the text must be visible again.
  link.addEventListener('click', () => {
    input.value = '';
    find();
  });
  link.textContent = row.heading;
  small.textContent = ` ${row.title}`;
  shown.textContent = excerpt(row.text, query, VOCABULARY);
  entry.append(link, small, shown);
  return entry;
}

input.addEventListener('input', find);
document.querySelector('form').addEventListener('submit', (event) => event.preventDefault());
