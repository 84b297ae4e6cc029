/* Verifying a pass at the bar, with or without signal: scan it or type it in, and see in one glance what it is. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useRead } from '../../api/use-read';
import { homePlace } from '../../app/session';
import { fullTime } from '../../app/when';
import { TextField } from '../../parts/field';
import { Icon, type IconName } from '../../parts/icon';
import { Card, Facts, KeptNote, ProblemBox, Title } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { useTitle } from '../place/place-head';
import { type Judged, judge, type Verdict } from './code';
import { hasCamera, prepareReader, scan } from './scan';

const LOOK: Record<Verdict, [string, IconName]> = {
  valid: ['good', 'check'],
  ahead: ['warn', 'clock'],
  expired: ['bad', 'clock'],
  revoked: ['bad', 'close'],
  forged: ['bad', 'alert'],
  unreadable: ['plain', 'alert'],
  no_key: ['plain', 'offline'],
};

export function VerdictBox({ of }: { of: Judged }) {
  const [tone, icon] = LOOK[of.verdict];
  const p = of.pass;
  return (
    <section class={`verdict ${tone}`} role="status" data-verdict={of.verdict}>
      <Icon name={icon} size={64} />
      <h2>{label('verdict', of.verdict)}</h2>
      <p>{label('verdict_note', of.verdict)}</p>
      {p && (
        <Facts
          of={[
            [t('screen.name'), p.name || '–'],
            [t('verify.id_tail'), p.idTail || '–'],
            [t('pass.purpose'), p.purpose],
            [t('pass.valid'), t('pass.from_to', { from: fullTime(p.validFrom), to: fullTime(p.validTo) })],
            [t('verify.county'), homePlace.value?.startsWith(p.county) ? t('verify.our_county') : p.county],
          ]}
        />
      )}
    </section>
  );
}

function Camera({ onCode }: { onCode: (text: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [wrong, setWrong] = useState(false);
  useEffect(() => {
    let stop: (() => void) | undefined;
    let gone = false;
    if (video.current) {
      scan(video.current, onCode).then(
        (s) => {
          stop = s;
          if (gone) {
            s();
          }
        },
        () => setWrong(true),
      );
    }
    return () => {
      gone = true;
      stop?.();
    };
  }, []);
  return (
    <div class="camera">
      {wrong ? (
        <p class="notice">{t('verify.no_camera')}</p>
      ) : (
        <video ref={video} playsInline muted aria-label={t('verify.camera')} />
      )}
    </div>
  );
}

export function VerifyScreen() {
  const list = useRead('/api/v1/checkpoints/revocations', {});
  const [text, setText] = useState('');
  const [scanning, setScanning] = useState(false);
  const [asked, setAsked] = useState<string | undefined>();
  useTitle(t('verify.title'));
  useEffect(() => {
    if (hasCamera()) {
      void prepareReader().catch(() => undefined);
    }
  }, []);
  const { key, revoked = [], as_of } = list.body ?? {};
  const judged = asked === undefined ? undefined : judge(asked, key, revoked, Date.now());
  const found = (code: string) => {
    setScanning(false);
    setText(code);
    setAsked(code);
    navigator.vibrate?.(60);
  };
  return (
    <div class="narrow">
      <Title sub={as_of && t('verify.as_of', { time: fullTime(as_of) })}>{t('verify.title')}</Title>
      <KeptNote of={list} />
      {list.body === undefined && list.problem && <ProblemBox problem={list.problem} retry={list.reload} />}
      {judged && <VerdictBox of={judged} />}
      {scanning && <Camera onCode={found} />}
      <button
        type="button"
        class="button primary wide tall"
        disabled={!hasCamera()}
        onClick={() => {
          setAsked(undefined);
          setScanning(!scanning);
        }}
      >
        <Icon name="qr" />
        {t(scanning ? 'verify.stop' : judged ? 'verify.scan_next' : 'verify.scan')}
      </button>
      {!hasCamera() && <p class="note">{t('verify.needs_https')}</p>}
      <Card>
        <form
          noValidate
          onSubmit={(e) => {
            e.preventDefault();
            setAsked(text.trim());
          }}
        >
          <TextField
            label={t('verify.code')}
            value={text}
            maxLength={400}
            autocomplete="off"
            hint={t('verify.code_hint')}
            onValue={(v) => {
              setText(v);
              setAsked(undefined);
            }}
          />
          <button type="submit" class="button wide" disabled={text.trim() === ''}>
            {t('verify.check')}
          </button>
        </form>
      </Card>
    </div>
  );
}
