// Makes elements. What comes from outside goes in as text, never as markup.

const SVG = 'http://www.w3.org/2000/svg';

// put appends text and elements; null, false and undefined are left out.
export function put(parent, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

// h makes an element: on* attributes are listeners, true is an empty attribute.
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  return put(element, ...children);
}

export function fill(element, ...children) {
  element.replaceChildren();
  return put(element, ...children);
}

const strokes = {
  home: ['M4 11.5 12 5l8 6.5', 'M6.5 10v9h11v-9'],
  matter: ['M7 4h7l4 4v12H7z', 'M14 4v4h4', 'M10 12.5h5M10 16h5'],
  apps: ['M5 5h5.5v5.5H5zM13.5 5H19v5.5h-5.5zM5 13.5h5.5V19H5zM13.5 13.5H19V19h-5.5z'],
  inbox: ['M12 4.5a5 5 0 0 0-5 5c0 4.5-2 5.5-2 7h14c0-1.5-2-2.5-2-7a5 5 0 0 0-5-5z', 'M10 19.5h4'],
  me: ['M12 12a3.75 3.75 0 1 0 0-7.5 3.75 3.75 0 0 0 0 7.5z', 'M5 19.5c.8-3.3 3.6-5 7-5s6.2 1.7 7 5'],
  card: ['M3.5 6h17v12h-17z', 'M7 14.5c.4-1.5 1.5-2.2 2.5-2.2s2.1.7 2.5 2.2', 'M9.5 10.8a1.3 1.3 0 1 0 0-2.6 1.3 1.3 0 0 0 0 2.6z', 'M14.5 10.5h3M14.5 13.5h3'],
  eye: ['M3 12s3.3-5.5 9-5.5S21 12 21 12s-3.3 5.5-9 5.5S3 12 3 12z', 'M12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z'],
  pair: ['M9 11.5a3.25 3.25 0 1 0 0-6.5 3.25 3.25 0 0 0 0 6.5z', 'M3.5 19c.5-3 2.5-4.6 5.5-4.6s5 1.6 5.5 4.6', 'M15.5 5.3a3.25 3.25 0 0 1 0 6M16.8 14.6c2 .5 3.3 2 3.7 4.4'],
  hand: ['M6 12.5 10.5 17 18.5 7.5'],
  back: ['M14.5 5.5 8 12l6.5 6.5'],
  next: ['M9.5 5.5 16 12l-6.5 6.5'],
  close: ['M6 6l12 12M18 6 6 18'],
  search: ['M11 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12z', 'M15.5 15.5 20 20'],
  clock: ['M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z', 'M12 7.5V12l3 2'],
  warn: ['M12 4.5 3.5 19.5h17z', 'M12 10.5v4M12 17.2v.1'],
  off: ['M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z', 'M6.5 6.5l11 11'],
  check: ['M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z', 'M8.5 12.2l2.5 2.5 4.5-5'],
  key: ['M8.5 15.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8z', 'M12.5 11.5H20v3M17 11.5v2.5'],
  device: ['M7.5 3.5h9v17h-9z', 'M11 17.5h2'],
  elder: ['M4 18.5 8.5 6 13 18.5M5.6 14.5h5.8', 'M15 18.5l2.750-7.5 2.750 7.5M16 16h3.5'],
  out: ['M13 4.5H6v15h7', 'M10.5 12H20M16.5 8.5 20 12l-3.5 3.5'],
  face: ['M12 13a4 4 0 1 0 0-8 4 4 0 0 0 0 8z', 'M5 20c.7-3.3 3.5-5 7-5', 'M14.5 18.2l1.8 1.8 3.7-4'],
  heart: ['M12 20S4 15 4 9.5A4.2 4.2 0 0 1 12 7.5a4.2 4.2 0 0 1 8 2C20 15 12 20 12 20z', 'M12 10.5v5M9.5 13h5'],
  call: ['M6.5 4.5h3l1.5 4-2 1.5a11 11 0 0 0 5 5l1.5-2 4 1.5v3c0 1-.8 1.7-1.8 1.6A15 15 0 0 1 4.9 6.3C4.8 5.3 5.5 4.5 6.5 4.5z'],
  camera: ['M4 8h3.5l1.5-2.500h6L16.5 8H20v11H4z', 'M12 16.500a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.400z'],
  pen: ['M5 19l1-4L15.5 5.500l3 3L9 18z', 'M5 19h14'],
  qr: ['M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4z', 'M14 14h2.5v2.5H14zM17.5 17.5H20V20h-2.5zM14 20h.1M20 14h-.1'],
  shield: ['M12 3.5 5 6v5.5c0 4.5 3 7.5 7 9 4-1.5 7-4.5 7-9V6z', 'M9 12l2.2 2.2L15.2 10'],
  sound: ['M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z', 'M15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11'],
  stop: ['M7 7h10v10H7z'],
  help: ['M5 12.5a7 7 0 0 1 14 0', 'M5 12.5h2.5v4.5H5zM16.5 12.5H19v4.5h-2.5z', 'M19 17c0 2-2 3-5 3'],
  pay: ['M4 7h16v11H4z', 'M4 10.5h16M7.5 14.5h4'],
  bell: ['M12 4.5a5 5 0 0 0-5 5c0 4.5-2 5.5-2 7h14c0-1.5-2-2.5-2-7a5 5 0 0 0-5-5z'],
};

// icon is a picture beside words: hidden from readers.
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  for (const d of strokes[name]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}
