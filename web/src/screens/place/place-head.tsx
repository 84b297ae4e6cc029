/* What every page about a place begins with: where it lies, its name, the day it is shown for. */
import { useEffect } from 'preact/hooks';
import type { Division } from '../../api/types';
import { type Reading, useRead } from '../../api/use-read';
import { line } from '../../app/names';
import { grantsAt } from '../../app/session';
import { placeHref } from '../../app/shell';
import { AsOf, asOf } from '../../parts/as-of';
import { type Crumb, Crumbs, Title } from '../../parts/parts';
import { label, t } from '../../texts/texts';

export function useDivision(code: string | undefined): Reading<Division> {
  return useRead('/api/v1/places/divisions/{id}', code === undefined ? undefined : { path: { id: code } });
}

/** The places above, those within reach, as links; then the place itself unless it is what the page is about. */
export function crumbsOf(d: Division | undefined, inside?: Crumb[]): Crumb[] {
  if (d === undefined) {
    return [];
  }
  const above = (d.above ?? []).filter((a) => grantsAt(a.code).length > 0).sort((a, b) => a.level - b.level);
  const chain = inside === undefined ? above : [...above, d];
  const all = [...chain.map((a) => ({ name: a.name, href: placeHref(a.code, asOf()) })), ...(inside ?? [])];
  return all.filter((c, i) => c.name !== all[i + 1]?.name); // a grid and its group bear one name
}

export function useTitle(text: string | undefined): void {
  useEffect(() => {
    document.title = text === undefined || text === '' ? t('app.name') : `${text} · ${t('app.name')}`;
  }, [text]);
}

interface HeadProps {
  code: string;
  /** Title of the page, if it is not the place itself. */
  title?: string;
  days?: boolean;
}

export function PlaceHead({ code, title, days = true }: HeadProps) {
  const { body } = useDivision(code);
  useTitle(title ?? body?.name);
  const crumbs = crumbsOf(body, title === undefined ? undefined : []);
  const what = title === undefined ? body && label('level', String(body.level)) : body?.name;
  return (
    <>
      {crumbs.length > 0 && <Crumbs of={crumbs} />}
      <Title
        sub={asOf() !== undefined && days ? line(what, t('asof.past', { day: asOf() ?? '' })) : what}
        end={days && <AsOf />}
      >
        {title ?? body?.name ?? code}
      </Title>
    </>
  );
}
