// Dialogs, confirmations, and the menu of a row.
import { Check, Ellipsis, X, type LucideIcon } from "lucide-react";
import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Menu as AriaMenu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Popover, type PopoverProps } from "react-aria-components/Popover";
import { Separator } from "react-aria-components/Separator";
import { Button, Failure, IconButton } from "./basics";

type Placement = NonNullable<PopoverProps["placement"]>;

interface DialogProps {
    title: string;
    open: boolean;
    onClose: () => void;
    wide?: boolean;
    /** A dialog that shows something once is not closed by a click beside it. */
    insistent?: boolean;
    children: ReactNode;
}

export function Dialog({ title, open, onClose, wide = false, insistent = false, children }: DialogProps) {
    return (
        <ModalOverlay
            className="veil"
            isOpen={open}
            onOpenChange={(now) => now || onClose()}
            isDismissable={!insistent}
            isKeyboardDismissDisabled={insistent}
        >
            <Modal className={`dialog ${wide ? "wide" : ""}`}>
                <AriaDialog>
                    <div className="dialog-head">
                        <Heading slot="title" level={2}>
                            {title}
                        </Heading>
                        {!insistent && <IconButton label="Close" icon={X} onPress={onClose} />}
                    </div>
                    {children}
                    <FocusOnClose />
                </AriaDialog>
            </Modal>
        </ModalOverlay>
    );
}

/** The focus goes back to what opened the dialog; when that is gone, as the menu of a row that was deleted, to the page. */
function FocusOnClose() {
    useEffect(() => {
        const focusPage = () => {
            if (document.activeElement === document.body) {
                document.getElementById("main")?.focus({ preventScroll: true });
            }
        };
        // React Aria gives it back in the first frame.
        return () => void requestAnimationFrame(() => requestAnimationFrame(focusPage));
    }, []);
    return null;
}

interface FormDialogProps extends DialogProps {
    action: string;
    danger?: boolean;
    /** Throws what is to be shown; a dialog whose work is done is closed by its owner. */
    onSubmit: () => Promise<unknown>;
    canSubmit?: boolean;
}

export function FormDialog({
    action,
    danger = false,
    onSubmit,
    canSubmit = true,
    children,
    ...dialog
}: FormDialogProps) {
    return (
        <Dialog {...dialog}>
            <DialogForm
                action={action}
                danger={danger}
                onSubmit={onSubmit}
                canSubmit={canSubmit}
                onClose={dialog.onClose}
            >
                {children}
            </DialogForm>
        </Dialog>
    );
}

/** Lives only while the dialog is open, so that the next opening starts afresh. */
function DialogForm({
    action,
    danger,
    onSubmit,
    canSubmit,
    onClose,
    children,
}: {
    action: string;
    danger: boolean;
    onSubmit: () => Promise<unknown>;
    canSubmit: boolean;
    onClose: () => void;
    children: ReactNode;
}) {
    const { submit, busy, error } = useSubmit(onSubmit);
    return (
        <form onSubmit={submit}>
            <div className="dialog-body">
                {children}
                <Failure error={error} />
            </div>
            <div className="dialog-foot">
                <Button onPress={onClose}>Cancel</Button>
                <Button type="submit" kind={danger ? "danger primary" : "primary"} busy={busy} isDisabled={!canSubmit}>
                    {action}
                </Button>
            </div>
        </form>
    );
}

export function useSubmit(work: () => Promise<unknown>) {
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const submit = (event?: FormEvent) => {
        event?.preventDefault();
        if (busy) {
            return;
        }
        setBusy(true);
        setError(null);
        work()
            .catch(setError)
            .finally(() => setBusy(false));
    };
    return { submit, busy, error };
}

/** A question before something is taken away; `calm` if it can be undone. */
export function Confirm({
    title,
    action,
    children,
    open,
    onClose,
    onConfirm,
    calm = false,
    more,
}: {
    title: string;
    action: string;
    children: ReactNode;
    open: boolean;
    onClose: () => void;
    onConfirm: () => Promise<unknown>;
    calm?: boolean;
    /** What else can be chosen. */
    more?: ReactNode;
}) {
    return (
        <FormDialog
            title={title}
            action={action}
            danger={!calm}
            open={open}
            onClose={onClose}
            onSubmit={() => onConfirm().then(onClose)}
        >
            <p>{children}</p>
            {more}
        </FormDialog>
    );
}

export interface MenuEntry {
    name: string;
    icon?: LucideIcon;
    danger?: boolean;
    /** The one of several that holds now. */
    chosen?: boolean;
    onAction: () => void;
}

/** `null` among the entries is a line between groups. */
export function Menu({
    label,
    entries,
    trigger,
    placement = "bottom end",
}: {
    label: string;
    entries: (MenuEntry | null)[];
    trigger?: ReactNode;
    placement?: Placement;
}) {
    return (
        <MenuTrigger>
            {trigger ?? <IconButton label={label} icon={Ellipsis} />}
            <Popover className="popover" placement={placement}>
                <AriaMenu className="menu" aria-label={label}>
                    {entries.map((entry, index) =>
                        entry === null ? (
                            <Separator key={index} />
                        ) : (
                            <MenuItem
                                key={entry.name}
                                textValue={entry.name}
                                className={`menu-item ${entry.danger === true ? "danger" : ""}`}
                                onAction={entry.onAction}
                            >
                                {entry.icon !== undefined && <entry.icon size={16} aria-hidden />}
                                {entry.name}
                                {entry.chosen === true && <Check size={15} className="tick" aria-label="chosen" />}
                            </MenuItem>
                        ),
                    )}
                </AriaMenu>
            </Popover>
        </MenuTrigger>
    );
}
