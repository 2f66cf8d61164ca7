// Who is here decides what is shown: a one-time link, the sign-in, or the pages.
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { api, ApiError, need } from "./api/client";
import { Frame } from "./frame";
import { MeProvider } from "./me";
import { Door, Setup, SignIn } from "./pages/door";
import { Button, Failure, Skeleton } from "./ui/basics";

const isSignedOut = (error: unknown) => error instanceof ApiError && error.status === 401;

export function Gate() {
    const [path] = useLocation();
    const me = useQuery({ queryKey: ["me"], queryFn: () => need(api.GET("/api/v1/me")) });
    if (path === "/setup" && location.hash.length > 1) {
        return <Setup code={location.hash.slice(1)} />;
    }
    if (me.data !== undefined) {
        return (
            <MeProvider me={me.data}>
                <Frame />
            </MeProvider>
        );
    }
    if (me.error === null) {
        return <Skeleton />;
    }
    return isSignedOut(me.error) ? (
        <SignIn />
    ) : (
        <Door title="Inlay does not answer" lead="This page will work again when the server does.">
            <Failure error={me.error} />
            <Button onPress={() => void me.refetch()} busy={me.isFetching}>
                Try again
            </Button>
        </Door>
    );
}
