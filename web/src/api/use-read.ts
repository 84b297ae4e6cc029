/* Reading from a component: what the device has at once, then the server's answer; again when something was recorded. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { recordedTick } from '../outbox/outbox';
import { Problem } from './client';
import { type Answer, type Body, kept, type Params, type ReadPath, read } from './reads';

/** After this long without an answer, the page says how old what it shows is. */
const SLOW_MS = 2500;

export interface Reading<B> {
  body?: B;
  at?: number;
  /** Shown from the device: the server could not be asked, or has not answered for a while. */
  kept: boolean;
  loading: boolean;
  problem?: Problem;
  reload(): void;
}

/** `params` undefined: nothing to read yet. */
export function useRead<P extends ReadPath>(path: P, params: Params<P> | undefined): Reading<Body<P>> {
  const key = params === undefined ? undefined : `${path} ${JSON.stringify(params)}`;
  const [state, setState] = useState<{ key?: string; r: Omit<Reading<Body<P>>, 'reload'> }>({
    r: { kept: false, loading: true },
  });
  const [again, setAgain] = useState(0);
  const asked = useRef(0);
  const tick = recordedTick.value;

  useEffect(() => {
    if (params === undefined) {
      return;
    }
    const mine = ++asked.current;
    const show = (r: Omit<Reading<Body<P>>, 'reload'>) => mine === asked.current && setState({ key, r });
    const fresh = state.key === key && state.r.body !== undefined;
    void (async () => {
      let answered = false;
      let have: Answer<Body<P>> | undefined;
      const slow = setTimeout(() => {
        if (!answered && have !== undefined) {
          show({ body: have.body, at: have.at, kept: true, loading: true });
        }
      }, SLOW_MS);
      if (!fresh) {
        setState({ key, r: { kept: false, loading: true } });
        void kept(path, params).then((a) => {
          if (a !== undefined && !answered) {
            have = a;
            show({ body: a.body, at: a.at, kept: false, loading: true });
          }
        });
      }
      try {
        const a = await read(path, params);
        answered = true;
        show({ body: a.body, at: a.at, kept: a.kept, loading: false });
      } catch (error) {
        answered = true;
        const problem = error instanceof Problem ? error : new Problem(-1, '', String(error));
        show({ kept: false, loading: false, problem });
      } finally {
        clearTimeout(slow);
      }
    })();
    return () => {
      asked.current++;
    };
  }, [key, again, tick]);

  const r = state.key === key ? state.r : { kept: false, loading: params !== undefined };
  return { ...r, reload: () => setAgain((n) => n + 1) };
}

type Item<B> = B extends { items: (infer I)[] } ? I : never;

export interface Listing<I> extends Omit<Reading<unknown>, 'body'> {
  items?: I[];
  more?: () => void;
}

/** A keyset-paged list: the first page is read and kept like anything else, further ones on demand. */
export function useList<P extends ReadPath>(path: P, params: Params<P> | undefined): Listing<Item<Body<P>>> {
  const first = useRead(path, params);
  const base = first.body as { items: Item<Body<P>>[]; next?: string } | undefined;
  const [extra, setExtra] = useState<{
    of?: object;
    items: Item<Body<P>>[];
    next?: string;
    busy: boolean;
    problem?: Problem;
  }>({
    items: [],
    busy: false,
  });
  const current = extra.of === base ? extra : { items: [], next: base?.next, busy: false };
  const more = async () => {
    setExtra({ ...current, of: base, busy: true });
    const query = { ...(params as { query?: object }).query, after: current.next };
    try {
      const a = await read(path, { ...params, query } as unknown as Params<P>);
      const page = a.body as { items: Item<Body<P>>[]; next?: string };
      setExtra({ of: base, items: [...current.items, ...page.items], next: page.next, busy: false });
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(-1, '', String(error));
      setExtra({ ...current, of: base, busy: false, problem });
    }
  };
  const { body: _body, ...rest } = first;
  return {
    ...rest,
    items: base && [...base.items, ...current.items],
    loading: first.loading || current.busy,
    problem: first.problem ?? ('problem' in current ? current.problem : undefined),
    more: current.next === undefined ? undefined : () => void more(),
  };
}
