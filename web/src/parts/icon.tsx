/* The few line icons, 24 × 24, drawn with the text's colour. Decoration only: the words beside them carry the meaning. */

const PATHS = {
  mark: 'M12 3 4 6v6c0 4.6 3.2 7.6 8 9 4.8-1.4 8-4.4 8-9V6zM8.5 11.5h7M12 8v7.5',
  place:
    'M12 21c4-4.4 6.5-7.7 6.5-11a6.5 6.5 0 1 0-13 0c0 3.3 2.5 6.6 6.5 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  alert: 'M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.2',
  chart: 'M4 4v16h16M8 15l3.5-4 3 2.5L20 8',
  upload: 'M12 15V5M8 8.5 12 4.5l4 4M4.5 15v4.5h15V15',
  user: 'M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.6-4 3.4-6 7.5-6s6.9 2 7.5 6',
  users:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.5-3.7 2.9-5.5 6.5-5.5s6 1.8 6.5 5.5M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.8c2 .7 3.2 2.4 3.5 5.2',
  check: 'M5 12.5 10 17.5 19 7',
  right: 'M9 5l7 7-7 7',
  down: 'M5 9l7 7 7-7',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20.5 20.5',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.5l3.5 2',
  offline:
    'M3 3l18 18M5 12.5a10 10 0 0 1 4.5-2.6M2 9a15 15 0 0 1 4.3-2.9M19 12.5a10 10 0 0 0-3.5-2.3M22 9a15 15 0 0 0-10.5-3.9M8.5 16a5 5 0 0 1 7 0M12 19.5v.2',
  lock: 'M6 11h12v9.5H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11',
  home: 'M4 11 12 4l8 7M6 9.5V20h12V9.5M10 20v-5.5h4V20',
  edit: 'M4 20l1-4.5L16.5 4l3.5 3.5L8.5 19z',
  bell: 'M5.5 17h13l-1.5-2.5V10a5 5 0 0 0-10 0v4.5zM10 20.5h4',
  car: 'M4 16v-3.5L6 7h12l2 5.5V16zM4 12.5h16M7 16v2.5M17 16v2.5',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5M20 14v6h-3.500M14 20v.2',
  close: 'M6 6l12 12M18 6 6 18',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
