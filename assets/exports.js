// Runs an export and shows its progress, checksum and file. The file arrives when it is complete; the service keeps nothing.

const form = document.getElementById('export');
const made = document.getElementById('made');
const about = document.getElementById('about');
const refused = document.getElementById('refused');
const doing = document.getElementById('doing');
const bar = document.getElementById('bar');
const put = (id, text) => (document.getElementById(id).textContent = text);

/** ms between two looks at the progress: often enough for a person, and each costs the service a millisecond. */
const LOOK_EVERY_MS = 500;

let address;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void run(new FormData(form));
});

async function run(fields) {
  const button = form.querySelector('button');
  const format = fields.get('format');
  fields.delete('format');
  const ref = `page-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  const query = new URLSearchParams([...fields].filter(([, value]) => value !== ''));
  query.set('ref', ref);
  begin(button);
  const looking = setInterval(() => void look(ref), LOOK_EVERY_MS);
  try {
    const answer = await fetch(`/v1/ledger.${format}?${query}`);
    if (!answer.ok) return refuse((await answer.json()).detail);
    show(answer.headers, await answer.blob());
  } catch (error) {
    refuse(error.message);
  } finally {
    clearInterval(looking);
    button.disabled = false;
  }
}

function begin(button) {
  button.disabled = true;
  refused.hidden = true;
  about.hidden = true;
  made.hidden = false;
  doing.textContent = doing.dataset.waits;
  bar.removeAttribute('value');
}

async function look(ref) {
  const answer = await fetch('/v1/ledger/exports').catch(() => undefined);
  if (!answer?.ok) return;
  const own = (await answer.json()).exports.find((one) => one.ref === ref);
  if (!own || own.total === 0) return;
  bar.max = own.total;
  bar.value = own.done;
  doing.textContent = `${own.done} / ${own.total}`;
}

function refuse(why) {
  made.hidden = true;
  refused.textContent = why;
  refused.hidden = false;
}

function show(headers, blob) {
  bar.max = bar.value = 1;
  doing.textContent = doing.dataset.done;
  const digest = /sha-256=:([^:]+):/.exec(headers.get('repr-digest'))[1];
  const bytes = Array.from(
    Uint8Array.from(atob(digest), (letter) => letter.charCodeAt(0)),
    (byte) => byte.toString(16).padStart(2, '0'),
  );
  put('sha256', bytes.join(''));
  put('count', headers.get('claimstamp-rows'));
  put('tree', headers.get('claimstamp-tree-size'));
  if (address) URL.revokeObjectURL(address);
  address = URL.createObjectURL(blob);
  const file = document.getElementById('file');
  file.href = address;
  file.download = file.textContent = /filename="([^"]+)"/.exec(headers.get('content-disposition'))[1];
  about.hidden = false;
  file.click();
}
