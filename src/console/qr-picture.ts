/** The quiet zone that QR codes need, in modules (ISO/IEC 18004). */
const MARGIN = 4;

/** Returns the data URL of a picture of a QR code. `scale` is the size of a module in pixels. */
export async function qrPicture(text: string, scale: number): Promise<string> {
  const { default: QRCode } = await import('qrcode');
  const { size } = QRCode.create(text, {}).modules;
  // The build leaves out the code that draws PNGs (rolldown.config.mjs).
  const svg = await QRCode.toString(text, { type: 'svg', margin: MARGIN, width: (size + 2 * MARGIN) * scale });
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
