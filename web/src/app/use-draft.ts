/* A form that survives: what it holds is kept as a draft in the outbox while one types, and opened again from there. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Entry } from '../outbox/entry';
import { discard, getEntry, record, saveDraft, submitDraft } from '../outbox/outbox';
import type { Content } from '../outbox/store';
import { go, here, query, to } from './route';
import { who } from './session';

const AUTOSAVE_MS = 400;

export interface Draft {
  /** False until a draft named in the address has been read. */
  ready: boolean;
  /** The draft that was opened, if any. */
  entry?: Entry;
  /** Something was typed: keep it soon. */
  touch(content: () => Content): void;
  /** The device could not keep it: no space, or storage forbidden. */
  failed: boolean;
  /** Done: true when it is durable on this device. */
  submit(content: Content, others?: Content[]): Promise<boolean>;
  drop(): Promise<void>;
}

export function useDraft(): Draft {
  const wanted = query('draft');
  const [entry, setEntry] = useState<Entry | undefined>();
  const [failed, setFailed] = useState(false);
  const [ready, setReady] = useState(wanted === undefined);
  const id = useRef<string | undefined>(wanted);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  /** Writes run one after the other, so that a late autosave never overtakes the submit. */
  const writing = useRef<Promise<unknown>>(Promise.resolve());

  useEffect(() => {
    if (wanted !== undefined && !ready) {
      void getEntry(wanted).then((e) => {
        if (e?.state === 'draft' && e.account === who.value?.account) {
          setEntry(e);
        } else {
          id.current = undefined;
        }
        setReady(true);
      });
    }
    return () => clearTimeout(timer.current);
  }, []);

  const queue = <T>(work: () => Promise<T>): Promise<T> => {
    clearTimeout(timer.current);
    const next = writing.current.then(work);
    writing.current = next.catch(() => undefined);
    return next;
  };
  const save = async (content: Content): Promise<void> => {
    if (id.current === undefined) {
      id.current = content.event.id;
      await record([content], 'draft');
      go(to(here.value.pathname, { ...Object.fromEntries(here.value.searchParams), draft: id.current }), true);
    } else {
      await saveDraft(id.current, content);
    }
  };
  return {
    ready,
    entry,
    failed,
    touch(content) {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void queue(() => save(content())), AUTOSAVE_MS);
    },
    submit: (content, others = []) =>
      queue(async () => {
        if (id.current === undefined) {
          await record([content, ...others]);
        } else {
          await submitDraft(id.current, content, others);
        }
        id.current = undefined;
        return true;
      }).catch(() => {
        setFailed(true);
        return false;
      }),
    drop: () =>
      queue(async () => {
        if (id.current !== undefined) {
          await discard(id.current);
          id.current = undefined;
        }
      }),
  };
}
