// The search of the static help pages. The served pages search without a script. SECTIONS is in search-index.js: the
// address, heading, document and text of each section.
const input = document.querySelector('input[name=find]');
const list = document.querySelector('.help-found');
const article = document.querySelector('article');
const root = document.body.dataset.root;

function find() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = SECTIONS.map((row) => [rank(row, words), row])
    .filter(([score]) => score >= 0)
    .toSorted(([a], [b]) => b - a)
    .slice(0, 30);
  article.hidden = words.length > 0;
  list.replaceChildren(...(words.length === 0 ? [] : found.map(([, row]) => item(row, words[0]))));
}

function rank([address, heading, , text], words) {
  const [head, body] = [heading.toLowerCase(), text.toLowerCase()];
  if (!words.every((word) => head.includes(word) || body.includes(word))) return -1;
  const isGuide = !/^(decisions\/|changelog)/.test(address);
  return words.filter((word) => head.includes(word)).length + (isGuide ? 0.5 : 0);
}

function item([address, heading, title, text], word) {
  const [entry, link, small, shown] = ['li', 'a', 'small', 'p'].map((name) => document.createElement(name));
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 80);
  link.href = `${root}/${address}`;
  link.textContent = heading;
  small.textContent = ` ${title}`;
  shown.textContent = text.slice(at, at + 240);
  entry.append(link, small, shown);
  return entry;
}

input.addEventListener('input', find);
document.querySelector('form').addEventListener('submit', (event) => event.preventDefault());
