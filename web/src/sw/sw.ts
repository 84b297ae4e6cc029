/* The service worker: keeps the app's shell — page, script, style, icon — so that it opens with the network cut.
 * Never touches /api: data offline is the page's own business. Never takes over while a page is open unless that page asks. */

/* The build puts the list of files here; its hash names the cache. */
declare const __SHELL__: { version: string; files: string[] };

interface ExtendableEvent extends Event {
  waitUntil(p: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(r: Promise<Response>): void;
}

const worker = self as unknown as {
  location: Location;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', f: (e: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', f: (e: FetchEvent) => void): void;
  addEventListener(type: 'message', f: (e: MessageEvent) => void): void;
};

const NAME = `shell-${__SHELL__.version}`;

worker.addEventListener('install', (e) => {
  e.waitUntil(caches.open(NAME).then((c) => c.addAll(__SHELL__.files.map((f) => new Request(f, { cache: 'reload' })))));
});

worker.addEventListener('activate', (e) => {
  e.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((n) => n.startsWith('shell-') && n !== NAME).map((n) => caches.delete(n))),
      )
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener('message', (e) => {
  if (e.data === 'activate') {
    void worker.skipWaiting();
  }
});

worker.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== 'GET' || url.origin !== worker.location.origin) {
    return;
  }
  if (__SHELL__.files.includes(url.pathname)) {
    e.respondWith(fromShell(url.pathname, e.request));
  } else if (e.request.mode === 'navigate' && !serversOwn(url.pathname)) {
    e.respondWith(fromShell('/', e.request));
  }
});

function serversOwn(path: string): boolean {
  return path.startsWith('/api/') || /^\/(openapi\.json|healthz|readyz|metrics)$/.test(path);
}

async function fromShell(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  return (await cache.match(path)) ?? fetch(request);
}
