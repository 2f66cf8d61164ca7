// What an admin has of their own: the password, the second factor, and where they are signed in.
import { useQueryClient } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { encode } from "uqr";
import { api, need, type Schemas } from "../api/client";
import { useMe } from "../me";
import { SignedIn } from "../people/signed-in";
import { Badge, Button, CodeBlock, Copyable, Failure, Notice, Panel } from "../ui/basics";
import { TextField } from "../ui/fields";
import { plural } from "../ui/format";
import { Dialog, FormDialog, useSubmit } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { toast } from "../ui/toast";
import { PASSWORD_MIN } from "./door";
import "../styles/account.css";

/** Dark on light in both themes: cameras want it so. */
function QrCode({ text }: { text: string }) {
    const { data, size } = encode(text, { border: 2 });
    const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
    return (
        <svg
            className="qr"
            viewBox={`0 0 ${size} ${size}`}
            role="img"
            aria-label="QR code of the secret"
            shapeRendering="crispEdges"
        >
            <path d={path} />
        </svg>
    );
}

function Password() {
    const client = useQueryClient();
    const [current, setCurrent] = useState("");
    const [next, setNext] = useState("");
    const { submit, busy, error } = useSubmit(async () => {
        await need(api.PUT("/api/v1/me/password", { body: { currentPassword: current, newPassword: next } }));
        setCurrent("");
        setNext("");
        toast("Changed the password");
        await client.invalidateQueries({ queryKey: ["my-sessions"] });
    });
    return (
        <form onSubmit={submit}>
            <Panel
                title="Password"
                lead="Changing it signs you out everywhere else."
                foot={
                    <Button
                        type="submit"
                        kind="primary"
                        busy={busy}
                        isDisabled={current === "" || next.length < PASSWORD_MIN}
                    >
                        Change password
                    </Button>
                }
            >
                <div className="stack">
                    <TextField
                        label="Current password"
                        type="password"
                        value={current}
                        onChange={setCurrent}
                        autoComplete="current-password"
                        required
                    />
                    <TextField
                        label="New password"
                        type="password"
                        value={next}
                        onChange={setNext}
                        autoComplete="new-password"
                        required
                        hint={`At least ${PASSWORD_MIN} characters.`}
                    />
                    <Failure error={error} />
                </div>
            </Panel>
        </form>
    );
}

function TurnOn({
    secret,
    onClose,
    onDone,
}: {
    secret: Schemas["TotpSecret"] | null;
    onClose: () => void;
    onDone: (codes: string[]) => void;
}) {
    const [password, setPassword] = useState("");
    const [code, setCode] = useState("");
    const close = () => {
        setPassword("");
        setCode("");
        onClose();
    };
    const confirm = async () => {
        const { recoveryCodes } = await need(
            api.PUT("/api/v1/me/totp", { body: { currentPassword: password, code: code.replaceAll(" ", "") } }),
        );
        close();
        onDone(recoveryCodes);
    };
    return (
        <FormDialog
            title="Turn on the second factor"
            action="Turn on"
            open={secret !== null}
            onClose={close}
            onSubmit={confirm}
            canSubmit={password !== "" && code.trim() !== ""}
        >
            <p>Scan this with an authenticator app, or type the secret into it.</p>
            {secret !== null && (
                <div className="totp">
                    <QrCode text={secret.uri} />
                    <Copyable text={secret.secret} what="the secret" />
                </div>
            )}
            <TextField
                label="Code that the app shows"
                value={code}
                onChange={setCode}
                required
                inputMode="numeric"
                autoComplete="one-time-code"
                maxLength={16}
            />
            <TextField
                label="Your password"
                type="password"
                value={password}
                onChange={setPassword}
                required
                autoComplete="current-password"
            />
        </FormDialog>
    );
}

function SecondFactor() {
    const me = useMe();
    const client = useQueryClient();
    const [secret, setSecret] = useState<Schemas["TotpSecret"] | null>(null);
    const [codes, setCodes] = useState<string[] | null>(null);
    const [leaving, setLeaving] = useState(false);
    const [password, setPassword] = useState("");
    const changed = () => client.invalidateQueries({ queryKey: ["me"] });
    const { submit: begin, busy, error } = useSubmit(async () => setSecret(await need(api.POST("/api/v1/me/totp"))));
    const close = () => {
        setPassword("");
        setLeaving(false);
    };
    const remove = async () => {
        await need(api.POST("/api/v1/me/totp/remove", { body: { currentPassword: password } }));
        close();
        toast("Turned off the second factor");
        await changed();
    };
    return (
        <Panel title="Second factor" lead="A code of an authenticator app, asked for after the password.">
            <div className="stack">
                <div className="row">
                    {me.totp ? (
                        <>
                            <Badge tone="good" dot>
                                On
                            </Badge>
                            <span className="small quiet">{plural(me.recoveryCodesLeft, "recovery code")} left</span>
                        </>
                    ) : (
                        <Badge>Off</Badge>
                    )}
                    <span className="push row">
                        <Button icon={ShieldCheck} busy={busy} onPress={() => begin()}>
                            {me.totp ? "Set up anew" : "Turn on"}
                        </Button>
                        {me.totp && (
                            <Button kind="danger" onPress={() => setLeaving(true)}>
                                Turn off
                            </Button>
                        )}
                    </span>
                </div>
                <Failure error={error} />
            </div>
            <TurnOn
                secret={secret}
                onClose={() => setSecret(null)}
                onDone={(made) => {
                    setCodes(made);
                    void changed();
                }}
            />
            <Dialog title="Keep these recovery codes" open={codes !== null} onClose={() => setCodes(null)} insistent>
                <div className="dialog-body">
                    <Notice tone="warn">
                        They are shown only this once. Each signs you in once when your phone is lost.
                    </Notice>
                    <CodeBlock label="the recovery codes" text={(codes ?? []).join("\n")} />
                </div>
                <div className="dialog-foot">
                    <Button kind="primary" onPress={() => setCodes(null)}>
                        I have kept them
                    </Button>
                </div>
            </Dialog>
            <FormDialog
                title="Turn off the second factor?"
                action="Turn off"
                danger
                open={leaving}
                onClose={close}
                onSubmit={remove}
                canSubmit={password !== ""}
            >
                <p>Your password alone will do then.</p>
                <TextField
                    label="Your password"
                    type="password"
                    value={password}
                    onChange={setPassword}
                    required
                    autoFocus
                    autoComplete="current-password"
                />
            </FormDialog>
        </Panel>
    );
}

export default function Account() {
    const me = useMe();
    return (
        <>
            <PageHead title="Your account" lead={me.email} />
            <div>
                <div className="stack-l narrow-page">
                    <SignedIn title="Where you are signed in" />
                    <SecondFactor />
                    <Password />
                </div>
            </div>
        </>
    );
}
