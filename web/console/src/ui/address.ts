// Filters that live in the page's address, so that they can be kept, sent and gone back to.
import { useSearchParams } from "wouter";

export function useFilters<Name extends string>(
    names: readonly Name[],
): [filters: Record<Name, string>, set: (changes: Partial<Record<Name, string>>) => void] {
    const [params, setParams] = useSearchParams();
    const filters = Object.fromEntries(names.map((name) => [name, params.get(name) ?? ""])) as Record<Name, string>;
    const set = (changes: Partial<Record<Name, string>>) =>
        setParams(
            (before) => {
                const next = new URLSearchParams(before);
                for (const [name, value] of Object.entries<string | undefined>(changes)) {
                    if (value === undefined || value === "") {
                        next.delete(name);
                    } else {
                        next.set(name, value);
                    }
                }
                return next;
            },
            { replace: true },
        );
    return [filters, set];
}
