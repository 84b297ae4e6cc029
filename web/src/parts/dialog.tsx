/* A modal question, on the platform's own dialog: focus, Escape and the backdrop are its business. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const d = box.current;
    if (d && !d.open) {
      d.showModal();
    }
  }, []);
  return (
    <dialog ref={box} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  note: ComponentChildren;
  yes: string;
  no: string;
  danger?: boolean;
  onYes: () => void;
  onNo: () => void;
}

export function Confirm({ title, note, yes, no, danger, onYes, onNo }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onNo}>
      <p>{note}</p>
      <div class="buttons">
        <button type="button" class="button" onClick={onNo}>
          {no}
        </button>
        <button type="button" class={danger ? 'button danger' : 'button primary'} onClick={onYes}>
          {yes}
        </button>
      </div>
    </Dialog>
  );
}
