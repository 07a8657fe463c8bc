import uPlot from './uPlot.esm.js';

// Draws the table of units per hour as a chart: one line for each station, in the colours of the page.

/** Colours that people with red-green blindness can distinguish (Okabe and Ito), on white and on black. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const DASHES = [[], [8, 4], [2, 3], [12, 3, 2, 3]];
const HEIGHT = 260;

/** The table that the chart shows. The page fetches it after the script is loaded. */
let drawn;
drawNew();
document.body.addEventListener('htmx:afterSettle', drawNew);

function drawNew() {
  const table = document.getElementById('per-hour');
  if (table && table !== drawn) draw(table, document.getElementById('chart'));
  drawn = table;
}

function draw(table, place) {
  const stations = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows];
  const hours = rows.map((row) => Number(row.dataset.at));
  const counts = stations.map((_station, column) => rows.map((row) => Number(row.cells[column + 1].textContent)));
  const ink = getComputedStyle(document.body).color;
  const axis = { stroke: ink, grid: { stroke: 'rgba(128, 128, 128, 0.3)' }, ticks: { stroke: ink } };
  const series = stations.map((label, index) => ({
    label,
    stroke: COLOURS[index % COLOURS.length],
    dash: DASHES[Math.floor(index / COLOURS.length) % DASHES.length],
    width: 2,
    // The value of an hour applies to the complete hour, so the line has steps.
    paths: uPlot.paths.stepped({ align: 1 }),
    points: { show: true, size: 7 },
  }));
  const size = () => ({ width: Math.max(280, place.clientWidth), height: HEIGHT });
  // Hours without units have no rows: the line is at zero there.
  const data = filled(hours, counts);
  const chart = new uPlot(
    {
      ...size(),
      series: [{}, ...series],
      axes: [axis, axis],
      scales: { y: { range: (_u, _min, max) => [0, max * 1.1] } },
    },
    data,
    place,
  );
  addEventListener('resize', () => chart.setSize(size()));
}

function filled(hours, counts) {
  const all = [];
  for (let at = hours[0] - 3600; at <= hours.at(-1) + 3600; at += 3600) all.push(at);
  const rowOf = new Map(hours.map((at, row) => [at, row]));
  return [all, ...counts.map((column) => all.map((at) => column[rowOf.get(at)] ?? 0))];
}
