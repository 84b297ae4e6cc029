/* Reads QR codes from the camera: with the browser's own reader where it has one, else with one that is fetched when
 * it is first wanted and kept for when there is no signal. */
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';

const EVERY_MS = 200;
const CACHE = 'lianfang-reader';
const WIDTH_MOST = 960;

interface Detector {
  detect(image: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}

type DetectorClass = {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
};

type Read = (video: HTMLVideoElement) => Promise<string | undefined>;

async function own(): Promise<Read | undefined> {
  const Detect = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  const formats = await Detect?.getSupportedFormats().catch((): string[] => []);
  if (Detect === undefined || !formats?.includes('qr_code')) {
    return undefined;
  }
  const detector = new Detect({ formats: ['qr_code'] });
  return async (video) => (await detector.detect(video))[0]?.rawValue;
}

/** The reader's code, from this device once it was here. */
async function binary(): Promise<ArrayBuffer> {
  const cache = typeof caches === 'undefined' ? undefined : await caches.open(CACHE).catch(() => undefined);
  const kept = await cache?.match(wasm);
  if (kept !== undefined) {
    return kept.arrayBuffer();
  }
  const fetched = await fetch(wasm);
  if (!fetched.ok) {
    throw new Error(`reader: ${fetched.status}`);
  }
  for (const old of (await cache?.keys()) ?? []) {
    await cache?.delete(old);
  }
  await cache?.put(wasm, fetched.clone()).catch(() => undefined);
  return fetched.arrayBuffer();
}

async function fetchedReader(): Promise<Read> {
  const { prepareZXingModule, readBarcodes } = await import('zxing-wasm/reader');
  await prepareZXingModule({ overrides: { wasmBinary: await binary() }, fireImmediately: true });
  const canvas = document.createElement('canvas');
  const g = canvas.getContext('2d', { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, WIDTH_MOST / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    g?.drawImage(video, 0, 0, canvas.width, canvas.height);
    const image = g?.getImageData(0, 0, canvas.width, canvas.height);
    const found = image && (await readBarcodes(image, { formats: ['QRCode'], maxNumberOfSymbols: 1 }));
    return found?.[0]?.text;
  };
}

let reader: Promise<Read> | undefined;

/** Fetches what scanning will need, so that it is there without signal. */
export function prepareReader(): Promise<Read> {
  reader ??= own().then((r) => r ?? fetchedReader());
  reader.catch(() => {
    reader = undefined;
  });
  return reader;
}

export function hasCamera(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === 'function';
}

/** Shows the camera and tells every code it sees, until told to stop. */
export async function scan(video: HTMLVideoElement, found: (text: string) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
  let stopped = false;
  const stop = () => {
    stopped = true;
    for (const track of stream.getTracks()) {
      track.stop();
    }
    video.srcObject = null;
  };
  try {
    video.srcObject = stream;
    await video.play();
    const read = await prepareReader();
    void (async () => {
      while (!stopped) {
        const text = video.videoWidth > 0 ? await read(video).catch(() => undefined) : undefined;
        if (text !== undefined && !stopped) {
          found(text);
        }
        await new Promise((done) => setTimeout(done, EVERY_MS));
      }
    })();
    return stop;
  } catch (error) {
    stop();
    throw error;
  }
}
