// Draws a text as a QR code (ISO/IEC 18004), byte mode, error correction M,
// versions 1 to 6: at most 106 bytes, which a link to a code needs by far.

// blocks are, by version from 1: blocks, data bytes of each, correction bytes of each.
const blocks = [[1, 16, 10], [1, 28, 16], [1, 44, 26], [2, 32, 18], [2, 43, 24], [4, 27, 16]];

const exp = new Uint8Array(512);
const log = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
  exp[i] = exp[i + 255] = x;
  log[x] = i;
  x = x & 128 ? (x << 1) ^ 285 : x << 1;
}
const times = (a, b) => (a && b ? exp[log[a] + log[b]] : 0);

// correction gives the Reed–Solomon bytes of a block.
function correction(data, count) {
  let generator = [1];
  for (let i = 0; i < count; i++) {
    generator = [...generator, 0].map((c, j) => c ^ (j ? times(generator[j - 1], exp[i]) : 0));
  }
  const rest = [...data, ...new Array(count).fill(0)];
  for (let i = 0; i < data.length; i++) {
    const lead = rest[i];
    if (lead) generator.forEach((g, j) => { rest[i + j] ^= times(g, lead); });
  }
  return rest.slice(data.length);
}

// words gives the code words of a text: data and correction, interleaved.
function words(bytes, [count, size, extra]) {
  const bits = [0, 1, 0, 0];
  const push = (value, n) => { for (let i = n - 1; i >= 0; i--) bits.push((value >> i) & 1); };
  push(bytes.length, 8);
  for (const b of bytes) push(b, 8);
  push(0, Math.min(4, count * size * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let i = 0; i < bits.length; i += 8) data.push(parseInt(bits.slice(i, i + 8).join(''), 2));
  for (let pad = 236; data.length < count * size; pad ^= 236 ^ 17) data.push(pad);
  const parts = Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size));
  const extras = parts.map((p) => correction(p, extra));
  const mixed = (list, n) => Array.from({ length: n }, (_, i) => list.map((p) => p[i])).flat();
  return [...mixed(parts, size), ...mixed(extras, extra)];
}

const masks = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

// frame draws what every code of a version has, and marks it as not for data.
function frame(version) {
  const size = 17 + 4 * version;
  const dark = Array.from({ length: size }, () => new Array(size).fill(null));
  const box = (cx, cy, reach, on) => {
    for (let y = cy - reach; y <= cy + reach; y++) {
      for (let x = cx - reach; x <= cx + reach; x++) {
        if (dark[y]?.[x] !== undefined) dark[y][x] = on(Math.max(Math.abs(x - cx), Math.abs(y - cy)));
      }
    }
  };
  for (let i = 0; i < size; i++) dark[6][i] = dark[i][6] = i % 2 === 0;
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) box(cx, cy, 4, (ring) => ring !== 2 && ring !== 4);
  if (version > 1) box(size - 7, size - 7, 2, (ring) => ring !== 1);
  formats(dark, 0);
  return dark;
}

// formats writes the mask and the level M beside the corners, twice.
function formats(dark, mask) {
  const size = dark.length;
  let rest = mask << 10;
  for (let i = 14; i >= 10; i--) if ((rest >> i) & 1) rest ^= 0x537 << (i - 10);
  const bits = ((mask << 10) | rest) ^ 0x5412;
  const near = [[8, 0], [8, 1], [8, 2], [8, 3], [8, 4], [8, 5], [8, 7], [8, 8], [7, 8], [5, 8], [4, 8], [3, 8], [2, 8], [1, 8], [0, 8]];
  near.forEach(([x, y], i) => {
    const on = ((bits >> i) & 1) === 1;
    dark[y][x] = on;
    if (i < 8) dark[8][size - 1 - i] = on;
    else dark[size - 15 + i][8] = on;
  });
  dark[size - 8][8] = true;
}

function place(empty, code, mask) {
  const size = empty.length;
  const dark = empty.map((row) => [...row]);
  let at = 0;
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let i = 0; i < size; i++) {
      const y = up ? size - 1 - i : i;
      for (const x of [right, right - 1]) {
        if (empty[y][x] !== null) continue;
        const bit = at < code.length * 8 ? (code[at >> 3] >> (7 - (at & 7))) & 1 : 0;
        at++;
        dark[y][x] = (bit === 1) !== (masks[mask](x, y) === 0);
      }
    }
  }
  formats(dark, mask);
  return dark;
}

// penalty says how hard a drawing is to read.
function penalty(dark) {
  const size = dark.length;
  let sum = 0;
  const lines = [...dark, ...dark.map((_, x) => dark.map((row) => row[x]))].map((l) => l.map(Number).join(''));
  for (const line of lines) {
    for (const run of line.match(/0{5,}|1{5,}/g) || []) sum += run.length - 2;
    sum += 40 * ((line.match(/(?=10111010000)/g) || []).length + (line.match(/(?=00001011101)/g) || []).length);
  }
  for (let y = 1; y < size; y++) {
    for (let x = 1; x < size; x++) if (dark[y][x] === dark[y - 1][x] && dark[y][x] === dark[y][x - 1] && dark[y][x] === dark[y - 1][x - 1]) sum += 3;
  }
  const share = dark.flat().filter(Boolean).length / (size * size);
  return sum + 10 * Math.floor(Math.abs(share * 100 - 50) / 5);
}

// qr gives the rows of a code: true is dark. It fails with a RangeError for a
// text that is too long.
export function qr(text) {
  const bytes = new TextEncoder().encode(text);
  const version = blocks.findIndex(([count, size]) => bytes.length + 2 <= count * size) + 1;
  if (!version) throw new RangeError('too long for a small QR code');
  const empty = frame(version);
  const code = words(bytes, blocks[version - 1]);
  return masks.map((_, mask) => place(empty, code, mask)).reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

// outline gives the dark parts as a path of SVG, one unit a module.
export const outline = (rows) => rows.map((row, y) => [...row.map(Number).join('').matchAll(/1+/g)]
  .map(({ index: x, 0: run }) => `M${x} ${y}h${run.length}v1h-${run.length}z`).join('')).join('');
