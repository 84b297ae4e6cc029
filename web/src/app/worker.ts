/* The service worker from the page's side: registers it, and offers a new version without ever forcing it on a form. */
import { signal } from '@preact/signals';

/** A newer version waits; taking it reloads the page. */
export const update = signal<(() => void) | undefined>(undefined);
/** Whether the app opens without network on this address. */
export const opensOffline = signal(false);

export async function registerWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) {
    return;
  }
  try {
    const r = await navigator.serviceWorker.register('/sw.js');
    opensOffline.value = true;
    offer(r, r.waiting);
    r.addEventListener('updatefound', () => {
      const next = r.installing;
      next?.addEventListener('statechange', () => {
        if (next.state === 'installed' && navigator.serviceWorker.controller !== null) {
          offer(r, next);
        }
      });
    });
  } catch {
    opensOffline.value = false; // a self-signed certificate, say: the page works, it just does not open offline
  }
}

function offer(r: ServiceWorkerRegistration, next: ServiceWorker | null): void {
  if (next === null || r.active === null) {
    return;
  }
  update.value = () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    next.postMessage('activate');
  };
}
