// Who may sign in to the console, and as what.
import { useQueryClient } from "@tanstack/react-query";
import { KeyRound, Trash2, UserCog, UserPlus } from "lucide-react";
import { useState } from "react";
import { api, need, type Schemas } from "../api/client";
import { useMe } from "../me";
import { SignedIn } from "../people/signed-in";
import { Avatar, Badge, Button, Copyable, Empty, Notice } from "../ui/basics";
import { Cards, SearchField, TextField } from "../ui/fields";
import { Confirm, Dialog, FormDialog, Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { PagedTable, type Column } from "../ui/table";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";

type Admin = Schemas["Admin"];
type Invited = Schemas["InvitedAdmin"];
type Role = Schemas["AdminRole"];

const ROLES: { id: Role; name: string; note: string }[] = [
    { id: "admin", name: "Admin", note: "Everything, in every workspace, and who may sign in." },
    { id: "builder", name: "Builder", note: "Makes apps, releases and environments, and reads the rest." },
    { id: "viewer", name: "Viewer", note: "Reads. Changes nothing." },
];

const roleName = (role: Role) => ROLES.find(({ id }) => id === role)?.name ?? role;

function RoleCards({ role, onChange }: { role: Role; onChange: (role: Role) => void }) {
    return (
        <Cards
            label="Role"
            value={role}
            onChange={onChange}
            choices={ROLES.map((one) => ({ ...one, icon: <UserCog size={18} aria-hidden /> }))}
        />
    );
}

export default function Admins() {
    const client = useQueryClient();
    const me = useMe();
    const [search, setSearch] = useState("");
    const [email, setEmail] = useState<string | null>(null);
    const [role, setRole] = useState<Role>("builder");
    const [invited, setInvited] = useState<Invited | null>(null);
    const [changing, setChanging] = useState<Admin | null>(null);
    const [leaving, setLeaving] = useState<Admin | null>(null);
    const changed = () => client.invalidateQueries({ queryKey: ["admins"] });

    const invite = async () => {
        const made = await need(api.POST("/api/v1/admins", { body: { email: (email ?? "").trim(), role } }));
        setEmail(null);
        setInvited(made);
        await changed();
    };
    const link = (admin: Admin) =>
        need(api.POST("/api/v1/admins/{id}/link", { params: { path: { id: admin.id } } })).then(
            setInvited,
            (error: Error) => toast(error.message, "bad"),
        );
    const change = async () => {
        if (changing !== null) {
            await need(api.PATCH("/api/v1/admins/{id}", { params: { path: { id: changing.id } }, body: { role } }));
            toast(`${changing.email} is ${roleName(role)} now`);
            setChanging(null);
            await Promise.all([changed(), client.invalidateQueries({ queryKey: ["me"] })]);
        }
    };
    const remove = async (admin: Admin) => {
        await need(api.DELETE("/api/v1/admins/{id}", { params: { path: { id: admin.id } } }));
        toast(`Removed ${admin.email}`);
        await Promise.all([
            changed(),
            client.invalidateQueries({ queryKey: ["admin-sessions"] }),
            client.invalidateQueries({ queryKey: ["me"] }),
        ]);
    };

    const columns: Column<Admin>[] = [
        {
            title: "Email",
            kind: "lead",
            cell: (admin) => (
                <span className="who">
                    <Avatar name={admin.email} />
                    <span>
                        <strong>{admin.email}</strong>
                        {admin.id === me.id && <small>You</small>}
                    </span>
                </span>
            ),
        },
        { title: "Role", cell: (admin) => roleName(admin.role) },
        {
            title: "Status",
            cell: (admin) =>
                admin.status === "invited" ? (
                    <Badge tone="warn" dot>
                        Invited
                    </Badge>
                ) : (
                    <Badge tone="good" dot>
                        Active
                    </Badge>
                ),
        },
        { title: "Second factor", cell: (admin) => (admin.totp ? "On" : <span className="quiet">Off</span>) },
        { title: "Signed in", cell: (admin) => <Time time={admin.signedInAt} /> },
        {
            title: "Actions",
            kind: "actions",
            cell: (admin) => (
                <Menu
                    label={`Actions for ${admin.email}`}
                    entries={[
                        {
                            name: "Change role",
                            icon: UserCog,
                            onAction: () => {
                                setRole(admin.role);
                                setChanging(admin);
                            },
                        },
                        {
                            name:
                                admin.status === "invited" ? "Make a new invitation" : "Make a link for a new password",
                            icon: KeyRound,
                            onAction: () => void link(admin),
                        },
                        null,
                        { name: "Remove", icon: Trash2, danger: true, onAction: () => setLeaving(admin) },
                    ]}
                />
            ),
        },
    ];
    return (
        <>
            <PageHead
                title="Admins"
                lead="Who may sign in here. Users of apps are not among them."
                actions={
                    <Button
                        kind="primary"
                        icon={UserPlus}
                        onPress={() => {
                            setRole("builder");
                            setEmail("");
                        }}
                    >
                        Invite
                    </Button>
                }
            />
            <div className="toolbar">
                <SearchField label="Find an admin" onChange={setSearch} />
            </div>
            <div className="stack-l">
                <PagedTable
                    label="Admins"
                    columns={columns}
                    rowKey={({ id }) => id}
                    queryKey={["admins", { search }]}
                    load={(page) =>
                        need(
                            api.GET("/api/v1/admins", {
                                params: { query: { ...page, ...(search === "" ? {} : { search }) } },
                            }),
                        )
                    }
                    empty={
                        <Empty
                            icon={UserCog}
                            title={search === "" ? "Nobody" : `No admin has "${search}" in the address`}
                        />
                    }
                />
                <SignedIn title="Who is signed in" everybody />
            </div>
            <FormDialog
                title="Invite somebody"
                action="Make an invitation"
                open={email !== null}
                onClose={() => setEmail(null)}
                onSubmit={invite}
                canSubmit={email?.includes("@") === true}
            >
                <TextField
                    label="Email"
                    type="email"
                    value={email ?? ""}
                    onChange={setEmail}
                    autoFocus
                    required
                    maxLength={254}
                />
                <RoleCards role={role} onChange={setRole} />
            </FormDialog>
            <FormDialog
                title={`Role of ${changing?.email ?? ""}`}
                action="Change"
                open={changing !== null}
                onClose={() => setChanging(null)}
                onSubmit={change}
            >
                <RoleCards role={role} onChange={setRole} />
            </FormDialog>
            <Dialog
                title={`Link for ${invited?.email ?? ""}`}
                open={invited !== null}
                onClose={() => setInvited(null)}
                insistent
            >
                <div className="dialog-body">
                    <Notice tone="warn">
                        Give this link to them yourself; Inlay sends no mail. It is shown only this once and works once,
                        until <Time time={invited?.linkExpiresAt} absolute />.
                    </Notice>
                    <Copyable text={invited?.link ?? ""} what="the link" />
                </div>
                <div className="dialog-foot">
                    <Button kind="primary" onPress={() => setInvited(null)}>
                        Done
                    </Button>
                </div>
            </Dialog>
            <Confirm
                title={`Remove ${leaving?.email ?? ""}?`}
                action="Remove"
                open={leaving !== null}
                onClose={() => setLeaving(null)}
                onConfirm={() => remove(leaving!)}
            >
                They are signed out at once and cannot sign in again. What they made stays.
            </Confirm>
        </>
    );
}
