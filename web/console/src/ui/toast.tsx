// Short messages in the corner, read out by screen readers.
import { CircleAlert, CircleCheck } from "lucide-react";
import { useSyncExternalStore } from "react";

interface Toast {
    id: number;
    text: string;
    tone: "good" | "bad";
}

const SHOWN_MS = { good: 4000, bad: 8000 };

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]) {
    toasts = next;
    listeners.forEach((listener) => listener());
}

export function toast(text: string, tone: Toast["tone"] = "good"): void {
    const id = ++lastId;
    set([...toasts.slice(-3), { id, text, tone }]);
    setTimeout(() => set(toasts.filter((one) => one.id !== id)), SHOWN_MS[tone]);
}

function subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

export function Toasts() {
    const shown = useSyncExternalStore(subscribe, () => toasts);
    return (
        <div className="toasts" role="status" aria-live="polite">
            {shown.map(({ id, text, tone }) => (
                <div key={id} className={`toast ${tone}`}>
                    {tone === "good" ? <CircleCheck size={17} aria-hidden /> : <CircleAlert size={17} aria-hidden />}
                    {text}
                </div>
            ))}
        </div>
    );
}
