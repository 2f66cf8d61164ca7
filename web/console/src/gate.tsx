// Who is here decides what is shown: a one-time link, the sign-in, or the pages.
import { useQuery } from "@tanstack/react-query";
import { api, ApiError, need } from "./api/client";
import { Frame } from "./frame";
import { SignIn, Setup } from "./pages/door";
import { Failure, Skeleton } from "./ui/basics";

const isSignedOut = (error: unknown) => error instanceof ApiError && error.status === 401;

export function Gate() {
    const me = useQuery({
        queryKey: ["me"],
        queryFn: () => need(api.GET("/api/v1/me")),
        retry: (failures, error) => !isSignedOut(error) && failures < 2,
    });
    if (location.pathname === "/setup" && location.hash.length > 1 && me.data === undefined) {
        return <Setup code={location.hash.slice(1)} />;
    }
    if (me.isPending) {
        return <Skeleton />;
    }
    if (me.error !== null && me.data === undefined) {
        return isSignedOut(me.error) ? <SignIn /> : <Failure error={me.error} />;
    }
    return <Frame />;
}
