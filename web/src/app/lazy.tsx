/* A screen from a file that is fetched when it is first wanted. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem } from '../api/client';
import { Loading, ProblemBox } from '../parts/parts';

export function lazy<M, P extends object>(
  load: () => Promise<M>,
  pick: (module: M) => ComponentType<P>,
): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [, again] = useState(0);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded === undefined && !failed) {
        load().then(
          (m) => {
            loaded = pick(m);
            again((n) => n + 1);
          },
          () => setFailed(true),
        );
      }
    }, [failed]);
    if (loaded !== undefined) {
      const Loaded = loaded;
      return <Loaded {...props} />;
    }
    return failed ? <ProblemBox problem={new Problem(0, '', '')} retry={() => setFailed(false)} /> : <Loading />;
  };
}
