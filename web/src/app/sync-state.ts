/* How far this phone's own copy has got, for whoever shows it. */
import { signal } from '@preact/signals';

export interface SyncState {
  /** When the server's last word was taken in. */
  at?: number;
  busy: boolean;
  /** More is to come: the first time takes several answers. */
  left: boolean;
}

export const syncState = signal<SyncState>({ busy: false, left: false });
