// The small parts that everything is made of.
import { Check, CircleAlert, Copy, LoaderCircle, type LucideIcon } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components/Button";
import { Link as RouterLink } from "wouter";
import { wordsOf } from "../api/client";
import { toast } from "./toast";

export type Tone = "good" | "bad" | "warn" | "info" | "plain";

interface ButtonProps extends Omit<AriaButtonProps, "className" | "style" | "children"> {
    kind?: "primary" | "plain" | "danger" | "danger primary";
    small?: boolean;
    busy?: boolean;
    icon?: LucideIcon;
    children: ReactNode;
}

/** It does nothing meanwhile, but keeps the focus, which a disabled one loses. */
const BUSY = { type: "button", onPress: () => undefined } as const;

export function Button({
    kind = "plain",
    small = false,
    busy = false,
    icon,
    children,
    isDisabled,
    ...rest
}: ButtonProps) {
    const Icon = busy ? LoaderCircle : icon;
    return (
        <AriaButton
            {...rest}
            isDisabled={isDisabled === true}
            {...(busy ? BUSY : {})}
            className={`button ${kind} ${small ? "small" : ""} ${busy ? "busy" : ""}`}
        >
            {Icon !== undefined && <Icon size={16} aria-hidden />}
            {children}
        </AriaButton>
    );
}

export function ButtonLink({
    href,
    kind = "plain",
    icon: Icon,
    children,
}: {
    href: string;
    kind?: "primary" | "plain";
    icon?: LucideIcon;
    children: ReactNode;
}) {
    return (
        <RouterLink href={href} className={`button ${kind}`}>
            {Icon !== undefined && <Icon size={16} aria-hidden />}
            {children}
        </RouterLink>
    );
}

export function IconButton({
    label,
    icon: Icon,
    ...rest
}: Omit<AriaButtonProps, "className" | "style" | "children"> & { label: string; icon: LucideIcon }) {
    return (
        <AriaButton {...rest} aria-label={label} className="icon-button">
            <Icon size={17} aria-hidden />
        </AriaButton>
    );
}

export function Badge({ tone = "plain", dot = false, children }: { tone?: Tone; dot?: boolean; children: ReactNode }) {
    return <span className={`badge ${tone} ${dot ? "dot" : ""}`}>{children}</span>;
}

export function Avatar({ name, square = false, large = false }: { name: string; square?: boolean; large?: boolean }) {
    const words =
        name
            .split("@")[0]
            ?.split(/[\s._-]+/)
            .filter(Boolean) ?? [];
    const letters =
        words.length > 1 ? `${[...words[0]!][0]}${[...words.at(-1)!][0]}` : [...(words[0] ?? "?")].slice(0, 2).join("");
    return (
        <span className={`avatar ${square ? "square" : ""} ${large ? "large" : ""}`} aria-hidden>
            {letters.toUpperCase()}
        </span>
    );
}

/** Whether the browser took it. */
export async function copy(text: string, what: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        toast(`Copied ${what}`);
        return true;
    } catch {
        toast("The browser does not let this page copy. Select the text and copy it by hand.", "bad");
        return false;
    }
}

export function CopyButton({ text, what }: { text: string; what: string }) {
    const [done, setDone] = useState(false);
    useEffect(() => {
        const timer = done ? setTimeout(() => setDone(false), 1500) : undefined;
        return () => clearTimeout(timer);
    }, [done]);
    return (
        <IconButton
            label={`Copy ${what}`}
            icon={done ? Check : Copy}
            onPress={() => void copy(text, what).then(setDone)}
        />
    );
}

export function Copyable({ text, what }: { text: string; what: string }) {
    return (
        <span className="copyable">
            <code>{text}</code>
            <CopyButton text={text} what={what} />
        </span>
    );
}

export function CodeBlock({ text, label }: { text: string; label: string }) {
    return (
        <div className="codeblock">
            {/* Scrollable, so it has to be reachable by keyboard. */}
            <pre tabIndex={0} role="region" aria-label={label}>
                {text}
            </pre>
            <CopyButton text={text} what={label} />
        </div>
    );
}

export function Notice({
    tone = "plain",
    icon: Icon = CircleAlert,
    children,
}: {
    tone?: Tone;
    icon?: LucideIcon;
    children: ReactNode;
}) {
    return (
        <div className={`notice ${tone}`} role={tone === "bad" ? "alert" : undefined}>
            <Icon size={17} aria-hidden />
            <div>{children}</div>
        </div>
    );
}

export function Failure({ error }: { error: unknown }) {
    return error === null || error === undefined ? null : <Notice tone="bad">{wordsOf(error)}</Notice>;
}

export function Empty({
    icon: Icon,
    title,
    children,
    actions,
}: {
    icon: LucideIcon;
    title: string;
    children?: ReactNode;
    actions?: ReactNode;
}) {
    return (
        <div className="empty">
            <Icon aria-hidden />
            <h3>{title}</h3>
            {children !== undefined && <p>{children}</p>}
            {actions !== undefined && <div className="row">{actions}</div>}
        </div>
    );
}

export function Skeleton({ lines = 6 }: { lines?: number }) {
    return (
        <div className="skeleton" role="status" aria-label="Loading">
            {Array.from({ length: lines }, (_, index) => (
                <i key={index} />
            ))}
        </div>
    );
}

export function Panel({
    title,
    lead,
    actions,
    foot,
    children,
    flush = false,
}: {
    title?: ReactNode;
    lead?: ReactNode;
    actions?: ReactNode;
    foot?: ReactNode;
    children: ReactNode;
    flush?: boolean;
}) {
    return (
        <section className="panel">
            {title !== undefined && (
                <div className="panel-head">
                    <h2>{title}</h2>
                    {actions}
                    {lead !== undefined && <p>{lead}</p>}
                </div>
            )}
            {flush ? children : <div className="panel-body">{children}</div>}
            {foot !== undefined && <div className="panel-foot">{foot}</div>}
        </section>
    );
}

export function Facts({ facts }: { facts: [string, ReactNode][] }) {
    return (
        <dl className="facts">
            {facts.map(([name, value]) => (
                <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    );
}
