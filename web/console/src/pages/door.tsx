// What an admin sees before being signed in: sign-in, and choosing a password by a one-time link.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { api, ApiError, need } from "../api/client";
import { signedIn } from "../signed";
import { Button, ButtonLink, Failure, Skeleton } from "../ui/basics";
import { TextField } from "../ui/fields";

export const PASSWORD_MIN = 15;

export function Door({ title, lead, children }: { title: string; lead: ReactNode; children: ReactNode }) {
    return (
        <main className="door">
            <div className="door-card">
                <img src="/mark.svg" alt="" />
                <h1>{title}</h1>
                <p className="lead">{lead}</p>
                {children}
            </div>
        </main>
    );
}

const submits = (work: () => unknown) => (event: FormEvent) => {
    event.preventDefault();
    work();
};

export function SignIn() {
    const client = useQueryClient();
    const [email, setEmail] = useState("");
    const [password, setPassword] = useState("");
    const [code, setCode] = useState("");
    const [second, setSecond] = useState(false);
    const signIn = useMutation({
        mutationFn: () =>
            need(api.POST("/api/v1/sign-in", { body: { email, password, ...(second ? { code: code.trim() } : {}) } })),
        onSuccess: (me) => signedIn(client, me),
        onError: (error) => {
            if (error instanceof ApiError && error.code === "totp_required") {
                setSecond(true);
            }
        },
    });
    const asked = signIn.error instanceof ApiError && signIn.error.code === "totp_required";
    return (
        <Door title="Sign in" lead={second ? "Your account has a second factor." : "To the console of this Inlay."}>
            <form className="stack" onSubmit={submits(() => signIn.isPending || signIn.mutate())}>
                {second ? (
                    <TextField
                        label="Code"
                        hint="Six digits of your authenticator app, or a recovery code."
                        value={code}
                        onChange={setCode}
                        autoComplete="one-time-code"
                        autoFocus
                        required
                    />
                ) : (
                    <>
                        <TextField
                            label="Email"
                            type="email"
                            value={email}
                            onChange={setEmail}
                            autoComplete="username"
                            autoFocus
                            required
                        />
                        <TextField
                            label="Password"
                            type="password"
                            value={password}
                            onChange={setPassword}
                            autoComplete="current-password"
                            required
                        />
                    </>
                )}
                {!asked && <Failure error={signIn.error} />}
                <Button type="submit" kind="primary" busy={signIn.isPending}>
                    Sign in
                </Button>
            </form>
        </Door>
    );
}

const TITLES = { first: "Welcome to Inlay", invitation: "You are invited", reset: "Choose a new password" };
const LEADS = {
    first: "Nobody has signed in here yet. You become the first admin.",
    invitation: "Choose a password to sign in with.",
    reset: "It replaces the one you had and ends your sessions.",
};

/** The link's code stands behind the #, so that no server or proxy logs it. */
export function Setup({ code }: { code: string }) {
    const client = useQueryClient();
    const link = useQuery({
        queryKey: ["setup", code],
        queryFn: () => need(api.POST("/api/v1/setup/check", { body: { code } })),
        retry: false,
    });
    const [email, setEmail] = useState("");
    const [password, setPassword] = useState("");
    const setup = useMutation({
        mutationFn: () =>
            need(
                api.POST("/api/v1/setup", {
                    body: { code, password, ...(link.data?.kind === "first" ? { email } : {}) },
                }),
            ),
        onSuccess: (me) => {
            // Also gone from the history: the link works no more.
            history.replaceState(null, "", "/");
            signedIn(client, me);
        },
    });
    if (link.isPending) {
        return <Skeleton />;
    }
    if (link.error !== null) {
        return (
            <Door title="This link does not work" lead={link.error.message}>
                <ButtonLink href="/">Go to sign-in</ButtonLink>
            </Door>
        );
    }
    const { kind } = link.data;
    const short = password.length < PASSWORD_MIN;
    return (
        <Door title={TITLES[kind]} lead={LEADS[kind]}>
            <form className="stack" onSubmit={submits(() => setup.isPending || setup.mutate())}>
                {kind === "first" ? (
                    <TextField
                        label="Email"
                        type="email"
                        value={email}
                        onChange={setEmail}
                        autoComplete="username"
                        autoFocus
                        required
                    />
                ) : (
                    <p className="small quiet">{link.data.email}</p>
                )}
                <TextField
                    label="Password"
                    type="password"
                    value={password}
                    onChange={setPassword}
                    autoComplete="new-password"
                    required
                    hint={`At least ${PASSWORD_MIN} characters. A few words are easier to remember than signs.`}
                />
                <Failure error={setup.error} />
                <Button type="submit" kind="primary" busy={setup.isPending} isDisabled={short}>
                    Save and sign in
                </Button>
            </form>
        </Door>
    );
}
