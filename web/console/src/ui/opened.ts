import { useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import { useChange } from "./change";

/** State that an address ending in "?new" sets once, for who may: links can open a page's dialog. */
export function useOpenedByAddress<T>(closed: T, opened: T, may: boolean) {
    const [params, setParams] = useSearchParams();
    const asked = params.has("new");
    const first = may ? opened : closed;
    const state = useState(asked ? first : closed);
    const [, set] = state;
    useChange(asked, () => asked && set(() => first));
    useEffect(() => {
        if (asked) {
            setParams({}, { replace: true });
        }
    }, [asked, setParams]);
    return state;
}
