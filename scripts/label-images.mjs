// Draws docs/images/label-*.png, the shipped templates as they print at 300 dpi with a frame for the label's edge:
//   node scripts/ready.mjs scripts/label-images.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const built = (file) => import(new URL(`../dist/src/${file}`, import.meta.url).href);
const [{ packageRoot }, { loadTemplate, templateNames }, { layOut }, { toSvg }, { rasterise }] = await Promise.all(
  ['platform/package-root.js', 'label/template.js', 'label/layout.js', 'label/svg.js', 'label/pictures/draw.js'].map(
    built,
  ),
);

const DPI = 300;
const unit = {
  uci: 'JT08FFQXWQ',
  product: '01HQ7Z8YV2M4N6P8R0T2V4X6Z8',
  serial: 'P2DM2648U0000001',
  name: 'Demo Sensor 500™',
  company: 'Müller & Söhne GmbH',
  model: 'Demo-01',
  qr: 'JT08FFQXWQ',
  logo: 'claimstamp.svg',
};
const folder = join(packageRoot, 'docs', 'images');
mkdirSync(folder, { recursive: true });
for (const name of templateNames()) {
  const { width, height } = loadTemplate(name).media;
  const edge = `<rect x="0.1" y="0.1" width="${width - 0.2}" height="${height - 0.2}" rx="1" fill="none" stroke="#999" stroke-width="0.2"/>`;
  const svg = (await toSvg(layOut(loadTemplate(name), unit, DPI))).replace('</svg>', `${edge}</svg>`);
  const picture = await rasterise(svg, Math.round((width / 25.4) * DPI));
  writeFileSync(join(folder, `label-${name}.png`), picture.asPng());
}
process.stdout.write(`${templateNames().length} pictures in ${folder}\n`);
process.exit(0);
