import { useEffect, useState } from "react";
import { useSearchParams } from "wouter";

/** State that an address ending in "?new" sets once, for who may: links can open a page's dialog. */
export function useOpenedByAddress<T>(closed: T, opened: T, may: boolean) {
    const [params, setParams] = useSearchParams();
    const state = useState(closed);
    const [, set] = state;
    const asked = params.has("new");
    useEffect(() => {
        if (asked) {
            set(() => (may ? opened : closed));
            setParams({}, { replace: true });
        }
    }, [asked]);
    return state;
}
