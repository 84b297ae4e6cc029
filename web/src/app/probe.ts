/* Notices when a server that could not be reached answers again, so that nobody has to try by hand. */
import { effect } from '@preact/signals';
import { online, request } from '../api/client';
import { recordedTick, retryNow } from '../outbox/outbox';

const EVERY_MS = 15_000;

export function startProbe(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let cut = false;
  const probe = () => {
    void request('/healthz').catch(() => {
      timer = setTimeout(probe, EVERY_MS);
    });
  };
  effect(() => {
    clearTimeout(timer);
    if (!online.value) {
      cut = true;
      timer = setTimeout(probe, EVERY_MS);
    } else if (cut) {
      cut = false;
      recordedTick.value = recordedTick.peek() + 1; // what is shown may be old by now
      void retryNow();
    }
  });
}
