/* A notice laid out the way official documents are: the issuer's mark, number, rule, title, whom it is for, text,
 * issuer and day. The place of the seal stays empty. */
import type { NoticeKind } from '../../api/desk';
import { label, lang, t } from '../../texts/texts';

export interface DocumentOf {
  kind: NoticeKind;
  title: string;
  number?: string;
  issuer: string;
  body: string;
  /** Whom it is for, as one line. */
  audience: string;
  at?: string | number;
}

/** 2020年1月24日: Arabic digits, no padding. */
export function longDay(time: string | number): string {
  return new Intl.DateTimeFormat(lang.value === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: 'Asia/Shanghai',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  }).format(new Date(time));
}

/** Paragraphs as written; one that begins 一、 or （一） is a heading of its own. */
export function paragraphs(body: string): { text: string; heading: boolean }[] {
  return body
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((text) => ({
      text,
      heading:
        text.length <= 40 && /^(\p{Nd}+\.|\p{Script=Han}{1,3}\u3001|\uff08\p{Script=Han}{1,2}\uff09)/u.test(text),
    }));
}

export function Document({ of }: { of: DocumentOf }) {
  const { title, number, issuer, body, audience, at } = of;
  return (
    <article class="document" aria-label={title || t('notice_new.preview')}>
      <p class={`doc-mark ${issuer.length > 12 ? 'long' : ''}`}>{issuer || label('notice_kind', of.kind)}</p>
      <p class="doc-number">{number || '\u00a0'}</p>
      <hr />
      <p class="doc-title">{title || '\u00a0'}</p>
      {audience !== '' && <p class="doc-to">{t('notice.to', { who: audience })}</p>}
      {paragraphs(body).map((p, i) => (
        <p key={i} class={p.heading ? 'doc-heading' : 'doc-text'}>
          {p.text}
        </p>
      ))}
      <div class="doc-sign">
        <p>{issuer}</p>
        {at !== undefined && <p>{longDay(at)}</p>}
      </div>
    </article>
  );
}
