// Whether metadata gives a user a new origin with every link, in which the app finds its storage empty.
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { api, need } from "../api/client";
import { Notice } from "../ui/basics";
import { count } from "../ui/format";

/** Fewer are people with two roles, stores or releases. */
const MANY = 6;
const SHOWN_MAX = 3;

export function ManyOrigins({ query }: { query: { userId: string } | { appId: string } }) {
    const { data } = useQuery({
        queryKey: ["usage", "origins", query],
        queryFn: () => need(api.GET("/api/v1/usage/origins", { params: { query: { ...query, limit: SHOWN_MAX } } })),
    });
    const many = data?.items.filter(({ origins }) => origins >= MANY) ?? [];
    if (many.length === 0) {
        return null;
    }
    return (
        <Notice tone="warn">
            {many.map(({ app, user, origins }) => (
                <p key={`${app.id} ${user.id}`}>
                    {"userId" in query ? (
                        <>
                            This user has had {count(origins)} origins of{" "}
                            <Link href={`/apps/${app.id}/settings`}>{app.slug}</Link> this week.
                        </>
                    ) : (
                        <>
                            <Link href={`/users/${user.id}`}>{user.externalIdentifier ?? user.email ?? "A user"}</Link>{" "}
                            has had {count(origins)} origins this week.
                        </>
                    )}
                </p>
            ))}
            <p>
                Each time, the app finds its storage empty. If the portal sends metadata that is new in each link, such
                as <code>latestLogin</code>, name it{" "}
                {"userId" in query ? "in the app’s settings, under Origins" : "here"}.
            </p>
        </Notice>
    );
}
