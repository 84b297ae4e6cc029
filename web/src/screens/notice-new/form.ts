/* What the form of a notice starts with and what it accepts. */
import type { Notice } from '../../api/desk';
import type { NoticeForm } from '../../app/records-desk';
import { uuid7 } from '../../outbox/uuid';
import { t } from '../../texts/texts';

export const BODY_MOST = 20_000;
const NUMBER = /^(.*)(\u3014\d{4}\u3015)(\d+)(\D*)$/;

/** The number that follows: 〔2020〕3号 after 〔2020〕2号; nothing when the form is another or the year has passed. */
export function nextNumber(last: string | undefined, year: number): string {
  const m = last === undefined ? null : NUMBER.exec(last);
  return m === null || m[2] !== `\u3014${year}\u3015` ? '' : `${m[1]}${m[2]}${Number(m[3]) + 1}${m[4]}`;
}

/** The latest notice that a place itself issued: its issuer and number tell how the next is called. */
export function lastOwn(items: readonly Notice[] | undefined, place: string): Notice | undefined {
  return items?.find((n) => n.place === place && n.parent !== undefined) ?? items?.find((n) => n.place === place);
}

interface Known {
  place: string;
  placeName: string;
  last?: Notice;
  parent?: Notice;
  below: string[];
  now: number;
}

/** A new notice; one that rests on another says so and goes to everybody below. */
export function firstForm({ place, placeName, last, parent, below, now }: Known): NoticeForm {
  const own = {
    id: uuid7(),
    place,
    kind: parent?.kind ?? ('notice' as const),
    number: nextNumber(last?.number, new Date(now + 8 * 3_600_000).getUTCFullYear()),
    issuer: last?.issuer ?? placeName,
    categories: [],
    party_members: false,
  };
  if (parent === undefined) {
    return { ...own, title: '', body: '', places: [], acknowledge_by: '', parent: '' };
  }
  const by = parent.acknowledge_by;
  const named = { issuer: parent.issuer, title: parent.title, number: parent.number ?? '' };
  return {
    ...own,
    title: t('notice_new.reissue_title', named),
    body: `${t('notice_new.reissue_body', named)}\n\n${parent.body}`.slice(0, BODY_MOST),
    places: below,
    acknowledge_by: by !== undefined && Date.parse(by) > now ? by : '',
    parent: parent.id,
  };
}

export type Faults = Partial<Record<'title' | 'issuer' | 'body' | 'audience' | 'acknowledge_by', string>>;

export function checkNotice(f: NoticeForm, now: number): Faults {
  const faults: Faults = {};
  if (f.title.trim() === '') {
    faults.title = t('notice_new.title_missing');
  }
  if (f.issuer.trim() === '') {
    faults.issuer = t('notice_new.issuer_missing');
  }
  if (f.body.trim() === '') {
    faults.body = t('notice_new.body_missing');
  } else if ([...f.body].length > BODY_MOST) {
    faults.body = t('notice_new.body_long');
  }
  if (f.places.length === 0 && f.categories.length === 0 && !f.party_members) {
    faults.audience = t('notice_new.audience_missing');
  }
  if (f.acknowledge_by !== '' && Date.parse(f.acknowledge_by) <= now) {
    faults.acknowledge_by = t('notice_new.by_past');
  }
  return faults;
}
