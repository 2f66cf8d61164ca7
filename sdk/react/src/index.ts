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
    type Ref,
} from "react";

export type { EmbedOptions, Link, State } from "@inlay/embed";

/** What may be asked of it: `handle={ref}`. */
export type InlayHandle = Pick<Embed, "reload" | "logout">;

export interface InlayProps extends Omit<EmbedOptions, "onState"> {
    handle?: Ref<InlayHandle> | undefined;
    className?: string | undefined;
    style?: CSSProperties | undefined;
}

/** Shows an app. Another `allow`, `sandbox`, `title` or `autoHeight` opens it anew; another `key` shows another app. */
export function Inlay(props: InlayProps): ReactElement {
    const { data, autoHeight, allow, sandbox, title, handle, className, style } = props;
    const place = useRef<HTMLDivElement>(null);
    const shown = useRef<Embed | undefined>(undefined);
    const latest = useRef(props);
    const [state, setState] = useState<State>("loading");

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
                getUrl: () => latest.current.getUrl(),
                data: latest.current.data,
                onData: (sent) => latest.current.onData?.(sent),
                onReady: () => latest.current.onReady?.(),
                onError: (code, message) => latest.current.onError?.(code, message),
                onExpiring: (left) => latest.current.onExpiring?.(left),
                trace: (direction, message) => latest.current.trace?.(direction, message),
                onState: setState,
                autoHeight,
                allow,
                sandbox,
                title,
            });
            shown.current = made;
        });
        return () => {
            mounted = false;
            made?.destroy();
            shown.current = undefined;
        };
    }, [autoHeight, allow, sandbox, title]);

    useEffect(() => shown.current?.update(data), [data]);

    useImperativeHandle(
        handle,
        () => ({
            reload: () => shown.current?.reload(),
            logout: () => shown.current?.logout(),
        }),
        [],
    );

    // eslint-disable-next-line react-hooks/refs -- createElement() does not read the ref, as the rule expects of functions
    return createElement("div", { ref: place, className, style, "data-state": state });
}
