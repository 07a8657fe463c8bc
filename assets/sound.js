// Sounds that differ in pitch, length and rhythm: one rising for PASS, two low ones for FAIL, and one short note when
// another scan is needed.

const NOTES = {
  right: [
    [880, 0, 0.12],
    [1320, 0.13, 0.22],
  ],
  wrong: [
    [220, 0, 0.3],
    [165, 0.38, 0.5],
  ],
  asked: [[660, 0, 0.15]],
};

let context;

/** Browsers play no sound before the first key press on a page; a scan counts as one. */
export function sound(kind) {
  context ??= new AudioContext();
  const notes =
    NOTES[{ pass: 'right', done: 'right', both: 'asked', already: 'asked', note: 'asked' }[kind] ?? 'wrong'];
  for (const [pitch, from, seconds] of notes) {
    const start = context.currentTime + from;
    const tone = new OscillatorNode(context, { type: 'square', frequency: pitch });
    const volume = new GainNode(context, { gain: 0.2 });
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + seconds);
  }
}
