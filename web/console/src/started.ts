// How far an instance has come from being empty.
import { useQuery } from "@tanstack/react-query";
import { api, need } from "./api/client";

export const STEPS = ["app", "portal", "apiToken", "link", "view"] as const;
export type Step = (typeof STEPS)[number];

/** `poll`: what is done elsewhere shows by itself. */
export function useStarted(poll = false) {
    const query = useQuery({
        queryKey: ["getting-started"],
        queryFn: () => need(api.GET("/api/v1/getting-started")),
        staleTime: 60_000,
        ...(poll ? { refetchInterval: 2500 } : {}),
    });
    const done = STEPS.filter((step) => query.data?.[step] === true).length;
    return { ...query, done, isDone: done === STEPS.length };
}
