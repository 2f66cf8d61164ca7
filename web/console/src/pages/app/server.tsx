// Where an app of kind "upstream" runs.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { PlugZap } from "lucide-react";
import { useState } from "react";
import { api, need, type Schemas } from "../../api/client";
import { useCan } from "../../me";
import { Button, Failure, Notice, Panel } from "../../ui/basics";
import { Checkbox, TextField } from "../../ui/fields";
import { useSubmit } from "../../ui/overlays";
import { toast } from "../../ui/toast";

type Upstream = Schemas["Upstream"];
type Check = Schemas["UpstreamCheck"];

/** An address, and a button that asks the server whether anything answers there. */
export function AddressField({
    label,
    value,
    onChange,
    upstream,
    optional = false,
    disabled = false,
}: {
    label: string;
    value: string;
    onChange: (value: string) => void;
    upstream?: Upstream;
    optional?: boolean;
    disabled?: boolean;
}) {
    const [found, setFound] = useState<{ url: string; check: Check } | null>(null);
    const url = value.trim();
    const { submit, busy, error } = useSubmit(async () => {
        setFound(null);
        const { tlsVerify, tlsCa } = upstream ?? {};
        const body = {
            url,
            ...(tlsVerify === undefined ? {} : { tlsVerify }),
            ...(tlsCa === undefined ? {} : { tlsCa }),
        };
        setFound({ url, check: await need(api.POST("/api/v1/upstream-checks", { body })) });
    });
    const check = found?.url === url ? found.check : null;
    return (
        <div className="stack-s">
            <div className="with-button">
                <TextField
                    label={label}
                    optional={optional}
                    code
                    value={value}
                    onChange={onChange}
                    maxLength={512}
                    placeholder="http://127.0.0.1:8888"
                    inputMode="url"
                    disabled={disabled}
                />
                {!disabled && (
                    <Button icon={PlugZap} busy={busy} isDisabled={url === ""} onPress={() => submit()}>
                        Try it
                    </Button>
                )}
            </div>
            <Failure error={error} />
            {check !== null && (
                <Notice tone={check.hostHeader !== null ? "good" : check.reachable ? "plain" : "bad"}>
                    {check.detail}
                </Notice>
            )}
        </div>
    );
}

export function AppServer({ app }: { app: Schemas["App"] }) {
    const client = useQueryClient();
    const can = useCan();
    const mayWrite = can("apps:write");
    const present: Upstream = app.upstream ?? {};
    const [url, setUrl] = useState(present.url ?? "");
    const [verify, setVerify] = useState(present.tlsVerify ?? true);
    const [ca, setCa] = useState(present.tlsCa ?? "");
    const [host, setHost] = useState(present.hostHeader ?? "app");
    const [trusted, setTrusted] = useState((present.trustedHeaders ?? []).join(" "));
    const [addresses, setAddresses] = useState<Record<string, string>>(present.environments ?? {});
    const environments = useQuery({
        queryKey: ["environments", "all"],
        queryFn: () => need(api.GET("/api/v1/environments", { params: { query: { limit: 200 } } })),
    });
    const { submit, busy, error } = useSubmit(async () => {
        const upstream: Upstream = {
            url: url.trim(),
            hostHeader: host.trim(),
            tlsVerify: verify,
            tlsCa: ca.trim() === "" ? null : ca,
            trustedHeaders: trusted.split(/[\s,]+/).filter((name) => name !== ""),
            environments: Object.fromEntries(Object.entries(addresses).filter(([, address]) => address.trim() !== "")),
        };
        await need(api.PATCH("/api/v1/apps/{id}", { params: { path: { id: app.id } }, body: { upstream } }));
        toast("Saved");
        await client.invalidateQueries({ queryKey: ["app", app.id] });
    });
    const tls = { tlsVerify: verify, tlsCa: ca.trim() === "" ? null : ca };
    return (
        <form onSubmit={submit} className="stack-l narrow">
            <Panel
                title="Server"
                lead="Inlay shows the app by asking this server for each request of a session. It should be reachable by Inlay only."
            >
                <div className="stack">
                    <AddressField label="Address" value={url} onChange={setUrl} upstream={tls} disabled={!mayWrite} />
                    <TextField
                        label="Host header"
                        code
                        value={host}
                        onChange={setHost}
                        hint={
                            <>
                                <code>app</code> sends the app's own host, <code>upstream</code> that of the address. Or
                                name one.
                            </>
                        }
                        disabled={!mayWrite}
                    />
                    <TextField
                        label="Trusted headers"
                        optional
                        code
                        value={trusted}
                        onChange={setTrusted}
                        placeholder="Remote-User X-Hasura-*"
                        hint="Request headers that the server believes, such as a user's name. Inlay removes them from what browsers send."
                        disabled={!mayWrite}
                    />
                    <Checkbox
                        selected={verify}
                        onChange={setVerify}
                        disabled={!mayWrite}
                        note="For https. Leave it on; name your own authority below if the certificate is not from a public one."
                    >
                        Check the server's certificate
                    </Checkbox>
                    {verify && url.trim().startsWith("https:") && (
                        <TextField
                            label="Trusted certificates"
                            optional
                            code
                            rows={4}
                            value={ca}
                            onChange={setCa}
                            placeholder="-----BEGIN CERTIFICATE-----"
                            disabled={!mayWrite}
                        />
                    )}
                </div>
            </Panel>
            <Panel
                title="By environment"
                lead="A link can name an environment; its sessions then use the address here. Left empty, the address above is used."
            >
                <div className="stack">
                    {environments.data?.items.map(({ name }) => (
                        <AddressField
                            key={name}
                            label={name}
                            optional
                            value={addresses[name] ?? ""}
                            onChange={(address) => setAddresses({ ...addresses, [name]: address })}
                            upstream={tls}
                            disabled={!mayWrite}
                        />
                    ))}
                    <Failure error={environments.error} />
                </div>
            </Panel>
            <Failure error={error} />
            {mayWrite && (
                <div className="row">
                    <Button type="submit" kind="primary" busy={busy} isDisabled={url.trim() === ""}>
                        Save
                    </Button>
                </div>
            )}
        </form>
    );
}
