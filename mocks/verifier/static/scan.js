// Reads QR codes: by the browser's own detector where it has one that can,
// otherwise by jsQR, on the device. No picture leaves it.

const widest = 1024; // pixels: enough for a code on a phone held before a camera

let detector = null;
export async function prepare() {
  if (!('BarcodeDetector' in globalThis)) return;
  const kinds = await BarcodeDetector.getSupportedFormats().catch(() => []);
  if (kinds.includes('qr_code')) detector = new BarcodeDetector({ formats: ['qr_code'] });
}

const canvas = document.createElement('canvas');

// read gives the text of a code in a picture; null where it finds none.
export async function read(picture, width, height) {
  if (!width || !height) return null;
  const scale = Math.min(1, widest / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const at = canvas.getContext('2d', { willReadFrequently: true });
  at.drawImage(picture, 0, 0, canvas.width, canvas.height);
  if (detector) {
    const [found] = await detector.detect(canvas).catch(() => []);
    if (found?.rawValue) return found.rawValue;
  }
  const pixels = at.getImageData(0, 0, canvas.width, canvas.height);
  return jsQR(pixels.data, pixels.width, pixels.height)?.data || null;
}

// watch reads the camera until it finds a text that fits, or stop is asked.
export async function watch(video, fits, signal) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } }, audio: false });
  try {
    video.srcObject = stream;
    await video.play();
    while (!signal.aborted) {
      const text = await read(video, video.videoWidth, video.videoHeight);
      if (text && fits(text)) return text;
      await new Promise((next) => setTimeout(next, 120));
    }
    return null;
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }
}
