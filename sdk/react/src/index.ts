"use client"; // for frameworks that render components on servers
// @inlay/embed as a component.
import { embed, type Embed, type EmbedOptions, type State } from "@inlay/embed";
import {
    createElement,
    useEffect,
    useImperativeHandle,
    useRef,
    useState,
    type CSSProperties,
    type ReactElement,
    type ReactNode,
    type Ref,
} from "react";

export type { EmbedOptions, Link, State, Theme, Wanted } from "@inlay/embed";

/** What may be asked of it: `handle={ref}`. */
export type InlayHandle = Pick<Embed, "reload" | "logout">;

export interface InlayProps extends Omit<EmbedOptions, "onState"> {
    handle?: Ref<InlayHandle> | undefined;
    /** What is shown over the app while it loads. */
    placeholder?: ReactNode;
    /** What is shown when the app isn't, instead of Inlay's page about it. */
    error?: ReactNode;
    className?: string | undefined;
    style?: CSSProperties | undefined;
}

/** Over the whole place. */
const COVER: CSSProperties = { position: "absolute", inset: 0 };

/** Shows an app. Another attribute of the iframe, or `autoHeight`, opens it anew; another `key` shows another app. */
export function Inlay(props: InlayProps): ReactElement {
    const {
        data,
        theme,
        locale,
        autoHeight,
        allow,
        sandbox,
        referrerPolicy,
        loading,
        title,
        handle,
        className,
        style,
    } = props;
    const { placeholder, error } = props;
    const place = useRef<HTMLDivElement>(null);
    const shown = useRef<Embed | undefined>(undefined);
    const latest = useRef(props);
    const [state, setState] = useState<State>("loading");
    const hearsHeight = props.onResize !== undefined;

    useEffect(() => {
        latest.current = props;
    });

    useEffect(() => {
        let mounted = true;
        let made: Embed | undefined;
        // StrictMode mounts twice in one go: only what stays asks for a link.
        queueMicrotask(() => {
            if (!mounted || place.current === null) {
                return;
            }
            made = embed(place.current, {
                getUrl: (wanted) => latest.current.getUrl(wanted),
                path: latest.current.path,
                theme: latest.current.theme,
                locale: latest.current.locale,
                data: latest.current.data,
                onData: (sent) => latest.current.onData?.(sent),
                onReady: () => latest.current.onReady?.(),
                onError: (code, message) => latest.current.onError?.(code, message),
                onNavigate: (path) => latest.current.onNavigate?.(path),
                onResize: hearsHeight ? (height) => latest.current.onResize?.(height) : undefined,
                onExpiring: (left) => latest.current.onExpiring?.(left),
                trace: (direction, message) => latest.current.trace?.(direction, message),
                onState: setState,
                autoHeight,
                allow,
                sandbox,
                referrerPolicy,
                loading,
                title,
            });
            shown.current = made;
        });
        return () => {
            mounted = false;
            made?.destroy();
            shown.current = undefined;
        };
    }, [autoHeight, hearsHeight, allow, sandbox, referrerPolicy, loading, title]);

    useEffect(() => shown.current?.update(data), [data]);
    useEffect(() => shown.current?.setTheme(theme), [theme]);
    useEffect(() => shown.current?.setLocale(locale), [locale]);

    useImperativeHandle(
        handle,
        () => ({
            reload: (path) => shown.current?.reload(path),
            logout: () => shown.current?.logout(),
        }),
        [],
    );

    const cover = state === "loading" ? placeholder : state === "error" ? error : undefined;
    const isCovered = cover !== undefined && cover !== null;
    useEffect(() => {
        for (const frame of place.current?.querySelectorAll<HTMLElement>(":scope > iframe") ?? []) {
            frame.style.visibility = isCovered && state === "error" ? "hidden" : "";
        }
    }, [isCovered, state]);

    return createElement(
        "div",
        // eslint-disable-next-line react-hooks/refs -- createElement() does not read the ref, as the rule expects of functions
        { ref: place, className, style: isCovered ? { position: "relative", ...style } : style, "data-state": state },
        isCovered ? createElement("div", { style: COVER }, cover) : undefined,
    );
}
