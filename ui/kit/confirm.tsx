/** An action that says what it will do before it does it, and why it failed. */
import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Button, type ButtonProps } from './button.tsx';
import { ErrorNote } from './note.tsx';
import { actionName, useOnScreen } from './screen-actions.ts';

export interface ConfirmProps {
  /** On the button. */
  readonly label: string;
  readonly kind?: ButtonProps['kind'];
  /** The question of the dialog: "Promote the deployment?". */
  readonly title: string;
  /** What will happen, in sentences; and fields, where something must be chosen. */
  readonly children: ReactNode;
  readonly run: () => Promise<unknown>;
  readonly disabled?: boolean;
  /** Whether what must be chosen in the dialog is chosen; absent: nothing must be. */
  readonly ready?: boolean;
  /** Before the dialog opens: choices begin anew. */
  readonly onOpen?: () => void;
  /** Why it cannot be done now. */
  readonly hint?: string | undefined;
}

export function Confirm({ label, kind = 'plain', title, children, run, disabled, ready, onOpen, hint }: ConfirmProps) {
  const [isOpen, setOpen] = useState(false);
  const action = useMutation({ mutationFn: run, onSuccess: () => setOpen(false) });
  const open = () => {
    onOpen?.();
    action.reset();
    setOpen(true);
  };
  useOnScreen(actionName(label, title), open, !disabled);
  return (
    <>
      <Button kind={kind} disabled={disabled} title={hint} onClick={open}>
        {label}
      </Button>
      {isOpen && (
        <ConfirmDialog {...{ label, kind, title, ready, action }} close={() => setOpen(false)}>
          {children}
        </ConfirmDialog>
      )}
    </>
  );
}

interface ConfirmDialogProps extends Pick<ConfirmProps, 'label' | 'kind' | 'title' | 'children'> {
  readonly ready: boolean | undefined;
  readonly action: UseMutationResult<unknown, Error, void>;
  readonly close: () => void;
}

function ConfirmDialog({ label, kind = 'plain', title, children, ready = true, action, close }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={id} onClose={close}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          action.mutate();
        }}
      >
        <h2 id={id}>{title}</h2>
        <div className="stack" style={{ marginTop: 10 }}>
          {children}
          {action.error && <ErrorNote error={action.error} />}
        </div>
        <div className="row">
          <Button onClick={close}>Not now</Button>
          <Button type="submit" kind={kind === 'plain' ? 'primary' : kind} disabled={action.isPending || !ready}>
            {label}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
