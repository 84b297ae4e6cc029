/* One short message at a time, read out by screen readers, gone after a while. */
import { signal } from '@preact/signals';
import { Icon } from './icon';

const message = signal<string | undefined>(undefined);
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  message.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    message.value = undefined;
  }, 5000);
}

export function Toast() {
  return (
    <div class="toast" role="status" aria-live="polite">
      {message.value !== undefined && (
        <p>
          <Icon name="check" size={18} />
          {message.value}
        </p>
      )}
    </div>
  );
}
